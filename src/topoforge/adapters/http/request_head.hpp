#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "topoforge/adapters/http/message.hpp"

/// Purpose: the head of a request (RFC 9112), read strictly: what two programs could read differently is refused, so
/// that no request can hide in another. The library's own parser, which reads the body, is more lenient.
/// Thread safety: values.
namespace topoforge::http {

struct HeadLimits {
  std::size_t bytes = 0;         ///< 431
  std::size_t target_bytes = 0;  ///< 414
  std::size_t fields = 0;        ///< 431
};

/// The answer to a request that is not read further; the connection is closed after it.
struct Refusal {
  unsigned status;
  std::string detail;

  bool operator==(const Refusal&) const = default;
};

/// Finds the end of a head as its bytes come. Refuses as soon as it can: binary data, an HTTP/0.9 request or the
/// preface of HTTP/2 get their answer without a wait for more.
class HeadScanner {
 public:
  explicit HeadScanner(HeadLimits limits) : limits_(limits) {}

  /// received: everything since the head began; each call sees what the one before saw, and more. Gives the bytes of
  /// the head with its empty line, or 0 while it is not whole. O(new bytes).
  /// Errors: 400 for a control character (a CR and an LF stand only together), a folded line or a malformed request
  /// line; 505; 414; 431.
  tl::expected<std::size_t, Refusal> scan(std::string_view received);

 private:
  std::optional<Refusal> end_line(std::string_view line);
  [[nodiscard]] std::optional<Refusal> check_size(std::string_view received) const;

  HeadLimits limits_;
  std::size_t position_ = 0;
  std::size_t line_start_ = 0;
  std::size_t lines_ = 0;
  bool done_ = false;
};

struct RequestHead {
  std::string method;
  std::string target;     ///< as it was sent
  unsigned version = 11;  ///< 10 or 11
  Fields headers;
  bool keep_alive = true;
  bool chunked = false;
  bool expects_continue = false;
  std::uint64_t content_length = 0;
};

/// head: as the scanner found it. Errors: 400 for a malformed field or Host, no Host or two, a Content-Length that is
/// no number or stands twice or beside Transfer-Encoding; 417 for an expectation other than 100-continue; 501 for a
/// transfer coding other than chunked.
tl::expected<RequestHead, Refusal> parse_head(std::string_view head);

/// Whether it may stand in Host: a name or address, with or without a port. Empty is one.
bool is_host(std::string_view text);

}  // namespace topoforge::http
