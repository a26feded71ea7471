#pragma once

#include <chrono>
#include <cmath>
#include <cstddef>
#include <exception>
#include <stdexcept>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>

#include "bench/service/options.hpp"

/// Purpose: what the loads share. Everything runs on the thread of one io_context.
namespace topoforge::load {

template <class T>
using Task = boost::asio::awaitable<T>;
using Clock = std::chrono::steady_clock;
using WebSocket = boost::beast::websocket::stream<boost::beast::tcp_stream>;

inline constexpr auto kAwait = boost::asio::use_awaitable;

inline boost::asio::ip::tcp::endpoint endpoint_of(const Target& target) {
  return {boost::asio::ip::address_v4::loopback(), target.port};
}

/// A noisy wave, one channel: what a metric of a machine looks like.
inline std::string event_json(std::size_t number, const std::string& source, const std::string& id = {}) {
  const auto t = static_cast<double>(number);
  const double value = std::sin(t / 4.0) + 0.1 * std::sin(t * 12.9898) * std::cos(t * 78.233);
  if (id.empty()) return fmt::format(R"({{"source":"{}","value":{}}})", source, value);
  return fmt::format(R"({{"source":"{}","id":"{}","value":{}}})", source, id, value);
}

/// One connection that is kept alive.
class HttpClient {
 public:
  HttpClient(const boost::asio::any_io_executor& executor, Target target)
      : stream_(executor), target_(std::move(target)) {}

  Task<void> connect() {
    co_await stream_.async_connect(endpoint_of(target_), kAwait);
    stream_.socket().set_option(boost::asio::ip::tcp::no_delay(true));
  }

  /// The body of the answer. Throws unless it is 200.
  Task<std::string> call(boost::beast::http::verb method, const std::string& path, std::string body = {},
                         const char* content_type = nullptr) {
    namespace http = boost::beast::http;
    http::request<http::string_body> request(method, path, 11, std::move(body));
    request.set(http::field::host, "127.0.0.1");
    if (content_type != nullptr) request.set(http::field::content_type, content_type);
    if (!target_.token.empty()) request.set(http::field::authorization, "Bearer " + target_.token);
    request.prepare_payload();
    co_await http::async_write(stream_, request, kAwait);
    http::response_parser<http::string_body> parser;
    parser.body_limit(boost::none);
    co_await http::async_read(stream_, buffer_, parser, kAwait);
    if (parser.get().result() != http::status::ok)
      throw std::runtime_error(fmt::format("{}: {} {}", path, parser.get().result_int(), parser.get().body()));
    co_return parser.release().body();
  }

 private:
  boost::beast::tcp_stream stream_;
  boost::beast::flat_buffer buffer_;
  Target target_;
};

inline Task<void> open_web_socket(WebSocket& socket, const Target& target, const std::string& path = "/ws/stream") {
  co_await boost::beast::get_lowest_layer(socket).async_connect(endpoint_of(target), kAwait);
  boost::beast::get_lowest_layer(socket).socket().set_option(boost::asio::ip::tcp::no_delay(true));
  socket.read_message_max(64U << 20U);
  co_await socket.async_handshake("127.0.0.1", path, kAwait);
  socket.text(true);
}

/// Runs the task, and what it spawns, to the end.
inline void run_to_end(boost::asio::io_context& io, Task<void> task) {
  std::exception_ptr failure;
  boost::asio::co_spawn(io, std::move(task), [&failure, &io](std::exception_ptr thrown) {
    failure = std::move(thrown);
    io.stop();
  });
  io.run();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace topoforge::load
