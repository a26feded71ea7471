#include "topoforge/adapters/http/response_head.hpp"

#include <ctime>

#include <fmt/chrono.h>

namespace topoforge::http {

namespace field = boost::beast::http;

field::response<field::empty_body> make_head(const Response& response, const Framing& framing) {
  field::response<field::empty_body> head;
  head.version(11);
  head.result(response.status);
  head.set(field::field::server, "topoforge");
  head.set(field::field::date, fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(std::time(nullptr))));
  if (!response.body.empty() || response.stream) head.set(field::field::content_type, response.content_type);
  head.set("X-Content-Type-Options", "nosniff");
  for (const auto& [name, value] : response.headers) head.insert(name, value);
  head.keep_alive(framing.keep_alive);
  // A client of HTTP/1.0 does not know that connections are kept, unless it is told so.
  if (framing.keep_alive && framing.version < 11) head.set(field::field::connection, "keep-alive");
  return head;
}

}  // namespace topoforge::http
