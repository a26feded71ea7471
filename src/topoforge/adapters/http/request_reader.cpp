#include "topoforge/adapters/http/request_reader.hpp"

#include <algorithm>
#include <functional>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

namespace topoforge::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace field = boost::beast::http;

using Parser = field::request_parser<field::string_body>;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

constexpr std::size_t kReceiveBytes = 8U << 10U;
/// What the library's parser looks at once, and what a chunk's line and the trailer must fit into.
constexpr std::size_t kBodyBufferBytes = 64U << 10U;

std::string_view view(const beast::flat_buffer& buffer) {
  return {static_cast<const char*>(buffer.data().data()), buffer.size()};
}

ReadFailure failure(beast::error_code error) {
  if (error == field::error::body_limit) return Refusal{413, "Request body too large"};
  // What is not the parser's own: the connection.
  const bool protocol = error.category() == make_error_code(field::error::bad_chunk).category();
  if (!protocol || error == field::error::end_of_stream || error == field::error::partial_message) return std::nullopt;
  return Refusal{400, "Bad Request: " + error.message()};
}

/// Extensions mean nothing here. They may hold what another program takes for the end of a line, and nothing else would
/// limit their length.
class ExtensionCheck {
 public:
  explicit ExtensionCheck(std::size_t most_bytes) : bytes_left_(most_bytes) {}
  void operator()(std::uint64_t, beast::string_view extension, beast::error_code& error) {
    const bool fits = extension.size() <= bytes_left_;
    if (fits) bytes_left_ -= extension.size();
    const auto is_control = [](char c) { return (c >= 0 && c < 0x20 && c != '\t') || c == 0x7f; };
    if (!fits || std::any_of(extension.begin(), extension.end(), is_control))
      error = make_error_code(field::error::bad_chunk_extension);
  }

 private:
  std::size_t bytes_left_;
};

}  // namespace

std::size_t RequestReader::buffer_bytes(const ServerLimits& limits) {
  return std::max(limits.header_bytes, kBodyBufferBytes) + kReceiveBytes;
}

Task<bool> RequestReader::receive() {
  const auto [error, bytes] = co_await stream_.async_read_some(buffer_.prepare(kReceiveBytes), kAwait);
  buffer_.commit(bytes);
  co_return !error;
}

Task<bool> RequestReader::wait(std::chrono::milliseconds timeout) {
  // Empty lines before a request are left over from a body before it.
  stream_.expires_after(timeout);
  while (buffer_.size() == 0 || view(buffer_).starts_with("\r\n")) {
    if (buffer_.size() >= 2) {
      buffer_.consume(2);
      continue;
    }
    const bool received = co_await receive();
    if (!received) co_return false;
  }
  co_return true;
}

Task<tl::expected<RequestHead, ReadFailure>> RequestReader::read_head() {
  stream_.expires_after(limits_.read_timeout);
  HeadScanner scanner(
      {.bytes = limits_.header_bytes, .target_bytes = limits_.target_bytes, .fields = limits_.header_fields});
  while (true) {
    const auto bytes = scanner.scan(view(buffer_));
    if (!bytes) co_return tl::unexpected(ReadFailure(bytes.error()));
    if (*bytes > 0) {
      auto head = parse_head(view(buffer_).substr(0, *bytes));
      buffer_.consume(*bytes);
      if (!head) co_return tl::unexpected(ReadFailure(std::move(head.error())));
      co_return std::move(*head);
    }
    const bool received = co_await receive();
    if (!received) co_return tl::unexpected(ReadFailure());
  }
}

Task<tl::expected<std::string, ReadFailure>> RequestReader::read_body(const RequestHead& head) {
  if (!head.chunked && head.content_length == 0) co_return std::string();
  if (head.content_length > limits_.body_bytes) co_return tl::unexpected(ReadFailure({413, "Request body too large"}));
  stream_.expires_after(limits_.read_timeout);
  if (head.expects_continue && buffer_.size() == 0) {
    constexpr std::string_view kGoOn = "HTTP/1.1 100 Continue\r\n\r\n";
    const auto [error, bytes] = co_await asio::async_write(stream_, asio::buffer(kGoOn), kAwait);
    if (error) co_return tl::unexpected(ReadFailure());
  }
  // The library's parser reads the body alone; of the head it gets what says how long it is.
  Parser parser;
  ExtensionCheck check(limits_.header_bytes);
  parser.body_limit(limits_.body_bytes);
  parser.on_chunk_header(check);
  const std::string framing = head.chunked
                                  ? "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
                                  : fmt::format("POST / HTTP/1.1\r\nContent-Length: {}\r\n\r\n", head.content_length);
  beast::error_code error;
  parser.put(asio::buffer(framing), error);
  if (error) co_return tl::unexpected(failure(error));
  std::tie(error, std::ignore) = co_await field::async_read(stream_, buffer_, parser, kAwait);
  if (error) co_return tl::unexpected(failure(error));
  co_return std::move(parser.get().body());
}

}  // namespace topoforge::http
