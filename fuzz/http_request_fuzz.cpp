// Heads of requests: never a crash; the same is found however the bytes come; what is taken is read the same by the
// library's parser; a path that is taken means one thing only, and a client's address is one.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

#include "require.hpp"
#include "topoforge/adapters/http/request_head.hpp"
#include "topoforge/adapters/http/trusted_proxies.hpp"
#include "topoforge/codec/text/quote.hpp"

namespace {

using namespace topoforge;

constexpr http::HeadLimits kLimits{.bytes = 4096, .target_bytes = 512, .fields = 50};

tl::expected<std::size_t, http::Refusal> scan_in_two(std::string_view text, std::size_t cut) {
  http::HeadScanner scanner(kLimits);
  auto found = scanner.scan(text.substr(0, cut));
  if (found && *found == 0) found = scanner.scan(text);
  return found;
}

void compare_with_library(std::string_view text, const http::RequestHead& head) {
  namespace field = boost::beast::http;
  field::request_parser<field::empty_body> parser;
  boost::system::error_code error;
  parser.header_limit(8192);
  parser.put(boost::asio::buffer(text), error);
  if (error) return;  // it checks the list in Connection too
  const auto& message = parser.get();
  require(parser.is_header_done(), "the library finds the end too");
  require(message.method_string() == head.method && message.target() == head.target, "the same request line");
  require(message.version() == head.version, "the same version");
  // Of close and keep-alive together the library believes the second, in HTTP/1.0.
  require(!head.keep_alive || parser.keep_alive(), "no connection is kept that it would close");
  require(parser.chunked() == head.chunked, "the same transfer coding");
  require(parser.content_length().value_or(0) == head.content_length, "the same length");
  // The library keeps those of one name together.
  http::Fields theirs;
  for (const auto& field : message) theirs.emplace_back(std::string(field.name_string()), std::string(field.value()));
  http::Fields ours = head.headers;
  std::sort(theirs.begin(), theirs.end());
  std::sort(ours.begin(), ours.end());
  require(theirs == ours, "the same fields");
}

void check_target(const std::string& text) {
  const auto target = http::parse_target(text);
  if (!target) return;
  require(target->path.starts_with('/'), "a path begins with a slash");
  require(valid_utf8_prefix(target->path) == target->path.size(), "a path is text");
  const std::string closed = target->path + "/";
  require(closed.find("/../") == std::string::npos && closed.find("/./") == std::string::npos, "no segment of dots");
  require(closed.find('\0') == std::string::npos && closed.find('\n') == std::string::npos, "no control character");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto whole = scan_in_two(text, text.size());
  require(whole == scan_in_two(text, std::min<std::size_t>(data[0], text.size())), "the same however it comes");
  if (!whole || *whole == 0) return 0;
  require(text.substr(0, *whole).ends_with("\r\n\r\n"), "a head ends with an empty line");
  const auto head = http::parse_head(text.substr(0, *whole));
  if (!head) return 0;
  require(head->headers.size() <= kLimits.fields, "a limited number of fields");
  compare_with_library(text.substr(0, *whole), *head);
  check_target(head->target);
  const auto proxies = http::TrustedProxies::parse("127.0.0.0/8,::1");
  const auto client = proxies->client(boost::asio::ip::make_address("127.0.0.1"), head->headers).to_string();
  require(!client.empty() && client.find('%') == std::string::npos, "a client has an address");
  return 0;
}
