#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "topoforge/adapters/http/body_stream.hpp"
#include "topoforge/base/result.hpp"

/// Purpose: a request and its answer as the routes see them, without the library that carries them.
/// Thread safety: values; a body stream belongs to the I/O thread.
namespace topoforge::http {

using Fields = std::vector<std::pair<std::string, std::string>>;

struct Request {
  std::string method = {};  ///< "GET", as it was sent
  std::string path = {};    ///< decoded, begins with '/'
  Fields query = {};        ///< decoded, in their order
  Fields headers = {};
  Fields parameters = {};  ///< of the route: `{id}` as "id"
  std::string body = {};
  std::string peer = {};       ///< address of the client, see TrustedProxies
  bool over_loopback = false;  ///< it came from this machine, and from no trusted proxy
  std::string id = {};         ///< X-Request-ID: the client's, or one of ours; answered and logged

  /// Value of the first header of that name (case does not matter), or empty.
  [[nodiscard]] std::string_view header(std::string_view name) const;
  [[nodiscard]] std::optional<std::string_view> query_value(std::string_view name) const;
  /// Value of a parameter of the route, or empty.
  [[nodiscard]] std::string_view parameter(std::string_view name) const;
};

struct Response {
  unsigned status = 200;
  std::string body = {};
  std::string content_type = "application/json";
  Fields headers = {};
  std::unique_ptr<BodyStream> stream = nullptr;  ///< in the place of body
};

/// `{"detail": text}`, as FastAPI words an error.
Response error_response(unsigned status, std::string_view detail);

/// Path and query of a request target (RFC 9112, origin form or absolute form), decoded.
/// Errors: invalid_data for another form, a malformed escape, text that is no UTF-8, a zero byte, and a path that
/// others may read differently: with a control character, an encoded slash, or a segment "." or "..".
struct Target {
  std::string path;
  Fields query;
  std::string authority = {};  ///< of the absolute form: what counts instead of Host
};
Result<Target> parse_target(std::string_view target);

/// Whether the two are the same but for the case of ASCII letters.
bool equals_ignoring_case(std::string_view left, std::string_view right);

/// Whether a comma list such as `Accept` names the token (before any ';').
bool lists_token(std::string_view list, std::string_view token);

}  // namespace topoforge::http
