#include "topoforge/adapters/http/response_head.hpp"

#include <algorithm>
#include <ctime>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/chrono.h>

namespace topoforge::http {

namespace field = boost::beast::http;

namespace {

/// Unless the route says otherwise, as those of HTML pages do.
constexpr std::pair<std::string_view, std::string_view> kDefaults[] = {
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    {"Referrer-Policy", "no-referrer"},
    {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
};

/// A value that came from outside, such as the name of a file, ends neither its header nor the head.
std::string one_line(std::string value) {
  std::replace_if(
      value.begin(), value.end(), [](char c) { return (c >= 0 && c < 0x20 && c != '\t') || c == 0x7f; }, ' ');
  return value;
}

}  // namespace

field::response<field::empty_body> make_head(const Response& response, const Framing& framing) {
  field::response<field::empty_body> head;
  head.version(11);
  head.result(response.status);
  head.set(field::field::server, "topoforge");
  head.set(field::field::date, fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(std::time(nullptr))));
  if (!response.body.empty() || response.stream) head.set(field::field::content_type, response.content_type);
  for (const auto& [name, value] : response.headers) head.insert(name, one_line(value));
  for (const auto& [name, value] : kDefaults) {
    if (head.count(name) == 0) head.set(name, value);
  }
  head.keep_alive(framing.keep_alive);
  // A client of HTTP/1.0 does not know that connections are kept, unless it is told so.
  if (framing.keep_alive && framing.version < 11) head.set(field::field::connection, "keep-alive");
  return head;
}

}  // namespace topoforge::http
