#include "topoforge/adapters/http/transport.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <spdlog/spdlog.h>

namespace topoforge::http {

namespace asio = boost::asio;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

void Transport::hold_packets(bool hold) {
  if (hold == holds_packets_) return;
  holds_packets_ = hold;
  const int cork = hold ? 1 : 0;
  // Where it fails each write is a packet, as without it.
  static_cast<void>(::setsockopt(socket().native_handle(), IPPROTO_TCP, TCP_CORK, &cork, sizeof cork));
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
