#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "topoforge/base/result.hpp"

/// Purpose: URLs of servers that people name: webhooks, mail servers, this server's own. Stricter than RFC 3986: a
/// scheme of a list, a host, no credentials, printable ASCII alone, so that no two readers see two hosts in it.
/// Thread safety: pure.
namespace topoforge {

inline constexpr std::size_t kMaxUrlBytes = 2048;

struct WebUrl {
  std::string scheme;                 ///< in lower case
  std::string host;                   ///< in lower case; an IPv6 address without its brackets
  std::optional<std::uint16_t> port;  ///< where it is given
  std::string rest;                   ///< path and query, as given; empty or from '/' or '?' on
};

/// Errors: invalid_data; the message says what is wrong and does not quote the text, which may hold a secret.
Result<WebUrl> parse_web_url(std::string_view text, const std::vector<std::string_view>& schemes);

}  // namespace topoforge
