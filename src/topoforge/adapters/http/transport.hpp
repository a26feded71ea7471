#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/teardown.hpp>

#include "topoforge/adapters/http/task.hpp"

/// Purpose: the bytes of a connection, through TLS or not, so that what reads and writes them is the same for both. A
/// stream of the library (AsyncReadStream, AsyncWriteStream). Thread safety: the I/O thread.
namespace topoforge::http {

class Transport {
 public:
  using executor_type = boost::beast::tcp_stream::executor_type;

  /// tls: none for plain TCP.
  Transport(boost::asio::ip::tcp::socket socket, std::shared_ptr<boost::asio::ssl::context> tls)
      : tcp_(std::move(socket)), context_(std::move(tls)) {
    if (context_) tls_.emplace(tcp_, *context_);
  }
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  executor_type get_executor() noexcept { return tcp_.get_executor(); }
  boost::beast::tcp_stream& next_layer() noexcept { return tcp_; }
  [[nodiscard]] const boost::beast::tcp_stream& next_layer() const noexcept { return tcp_; }
  boost::asio::ip::tcp::socket& socket() { return tcp_.socket(); }
  [[nodiscard]] bool encrypted() const { return tls_.has_value(); }

  void expires_after(std::chrono::milliseconds time) { tcp_.expires_after(time); }
  void expires_never() { tcp_.expires_never(); }
  void cancel() { tcp_.cancel(); }
  void close() { tcp_.close(); }

  /// While it holds, what is written waits until a packet is full; then the rest goes out. Without it each write is a
  /// packet, which costs both ends more than what is in it.
  void hold_packets(bool hold);

  /// Begins TLS where there is any; false when the client does not speak it.
  Task<bool> handshake(std::chrono::milliseconds time);
  /// Says goodbye, so that the client knows that it has everything.
  Task<void> finish(std::chrono::milliseconds time);

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    if (tls_) return tls_->async_read_some(buffers, std::forward<Token>(token));
    return tcp_.async_read_some(buffers, std::forward<Token>(token));
  }
  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    if (tls_) return tls_->async_write_some(buffers, std::forward<Token>(token));
    return tcp_.async_write_some(buffers, std::forward<Token>(token));
  }

  /// The end of a WebSocket; found by the library.
  template <class Handler>
  friend void async_teardown(boost::beast::role_type role, Transport& transport, Handler&& handler) {
    using boost::beast::websocket::async_teardown;
    if (transport.tls_) {
      async_teardown(role, *transport.tls_, std::forward<Handler>(handler));
    } else {
      async_teardown(role, transport.tcp_, std::forward<Handler>(handler));
    }
  }

 private:
  boost::beast::tcp_stream tcp_;
  std::shared_ptr<boost::asio::ssl::context> context_;
  std::optional<boost::asio::ssl::stream<boost::beast::tcp_stream&>> tls_;
  bool holds_packets_ = false;
};

}  // namespace topoforge::http
