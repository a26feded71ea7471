#include "topoforge/adapters/http/transport.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <spdlog/spdlog.h>

namespace topoforge::http {

namespace asio = boost::asio;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

void Transport::hold_packets(bool hold) {
  if (hold == holds_packets_) return;
  holds_packets_ = hold;
  using Cork = asio::detail::socket_option::boolean<IPPROTO_TCP, TCP_CORK>;
  boost::system::error_code ignored;
  socket().set_option(Cork(hold), ignored);
}

Task<bool> Transport::handshake(std::chrono::milliseconds time) {
  if (!tls_) co_return true;
  expires_after(time);
  const auto [error] = co_await tls_->async_handshake(asio::ssl::stream_base::server, kAwait);
  if (error) spdlog::debug("a TLS handshake failed: {}", error.message());
  co_return !error;
}

Task<void> Transport::finish(std::chrono::milliseconds time) {
  if (tls_) {
    expires_after(time);
    co_await tls_->async_shutdown(kAwait);
  }
  boost::system::error_code ignored;
  socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
}

}  // namespace topoforge::http
