#include "topoforge/codec/text/web_url.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "topoforge/codec/text/lower_case.hpp"

namespace topoforge {
namespace {

constexpr std::size_t kMaxHostBytes = 253;

bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

tl::unexpected<Error> wrong(std::string message) { return fail(ErrorCode::invalid_data, std::move(message)); }

/// In lower case. Whether an address is one is what connecting tells.
bool is_host(std::string_view host) {
  return !host.empty() && host.size() <= kMaxHostBytes && host.front() != '.' && host.front() != '-' &&
         host.find("..") == std::string_view::npos &&
         std::ranges::all_of(host, [](char c) { return is_letter_or_digit(c) || c == '-' || c == '.' || c == '_'; });
}
bool is_bracketed_address(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == ':' || c == '.';
  });
}

Result<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || stop != text.data() + text.size() || port == 0) {
    return wrong("the port is no number from 1 to 65535");
  }
  return port;
}

}  // namespace

Result<WebUrl> parse_web_url(std::string_view text, const std::vector<std::string_view>& schemes) {
  if (text.size() > kMaxUrlBytes) {
    return wrong(fmt::format("wanted a URL of at most {} bytes, got {}", kMaxUrlBytes, text.size()));
  }
  const bool printable = std::ranges::all_of(text, [](char c) {
    return c > 0x20 && c < 0x7f && std::string_view("\"<>\\^`{|}").find(c) == std::string_view::npos;
  });
  if (!printable) return wrong("wanted a URL of printable ASCII; encode anything else as %XX, a host as xn--...");
  WebUrl url;
  const std::size_t colon = text.find("://");
  if (colon != std::string_view::npos) url.scheme = lower_case(text.substr(0, colon));
  if (std::ranges::find(schemes, std::string_view(url.scheme)) == schemes.end()) {
    return wrong(fmt::format("wanted a URL that begins with {}://", fmt::join(schemes, ":// or ")));
  }
  text.remove_prefix(colon + 3);
  const std::size_t end = std::min(text.find_first_of("/?#"), text.size());
  std::string_view authority = text.substr(0, end);
  url.rest = text.substr(end);
  if (url.rest.find('#') != std::string::npos) return wrong("wanted a URL without a fragment (#)");
  if (authority.find('@') != std::string_view::npos) return wrong("wanted a URL without a user name or password (@)");
  const bool bracketed = authority.starts_with('[');
  const std::size_t host_end =
      bracketed ? std::min(authority.find(']'), authority.size()) : std::min(authority.find(':'), authority.size());
  if (bracketed && host_end == authority.size()) return wrong("the host has a [ without a ]");
  url.host = lower_case(bracketed ? authority.substr(1, host_end - 1) : authority.substr(0, host_end));
  if (bracketed ? !is_bracketed_address(url.host) : !is_host(url.host)) {
    return wrong(url.host.empty() ? "the URL has no host" : "the host is no host name or address");
  }
  authority.remove_prefix(bracketed ? host_end + 1 : host_end);
  if (!authority.empty()) {
    if (authority.front() != ':') return wrong("after the host stands what is no port");
    auto port = parse_port(authority.substr(1));
    if (!port) return tl::unexpected(std::move(port.error()));
    url.port = *port;
  }
  return url;
}

}  // namespace topoforge
