#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "topoforge/adapters/http/log.hpp"
#include "topoforge/adapters/http/origin_policy.hpp"
#include "topoforge/adapters/http/router.hpp"
#include "topoforge/adapters/http/task.hpp"
#include "topoforge/adapters/http/trusted_proxies.hpp"
#include "topoforge/base/result.hpp"

/// Purpose: an HTTP/1.1 and WebSocket server on one I/O thread (RFC 9110, 9112, 6455), with TLS or without.
/// Thread safety: run() on one thread; stop() and status() from any.
namespace topoforge::http {

/// Every bound of a connection, and what is said when it is met.
struct ServerLimits {
  std::size_t connections = 1024;                        ///< 503 to the next
  std::size_t header_bytes = 16U << 10U;                 ///< of a head: 431
  std::size_t header_fields = 100;                       ///< 431
  std::size_t target_bytes = 8U << 10U;                  ///< of a request line: 414
  std::size_t body_bytes = 8U << 20U;                    ///< 413
  std::chrono::milliseconds read_timeout{30'000};        ///< for a whole header, and again for a whole body: closed
  std::chrono::milliseconds write_timeout{30'000};       ///< for a whole response, or a piece of a stream: closed
  std::chrono::milliseconds keep_alive_timeout{60'000};  ///< between two requests: closed
  std::size_t message_bytes = 1U << 20U;                 ///< of a WebSocket message: skipped, see UnreadMessage
  std::size_t skipped_message_bytes = 64U << 20U;        ///< of one that is skipped: closed with 1009
  std::size_t socket_queue_messages = 4096;              ///< waiting for one WebSocket: closed with 1013
  std::size_t socket_queue_bytes = 64U << 20U;
  std::chrono::milliseconds idle_timeout{60'000};   ///< of a WebSocket that answers no ping: closed
  std::chrono::milliseconds close_timeout{3'000};   ///< for the peer to say goodbye
  std::chrono::milliseconds drain_timeout{15'000};  ///< for what runs at shutdown; then connections are cut
};

/// Both PEM; the key without a passphrase.
struct TlsFiles {
  std::string certificate;  ///< of the server, then those that it was signed with
  std::string key;
};

struct ServerOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8000;  ///< 0: any free one
  OriginPolicy origins = {};
  TrustedProxies proxies = {};
  std::optional<TlsFiles> tls = {};        ///< both HTTP and WebSockets, and nothing without it; nothing: plain
  LogFormat log_format = LogFormat::text;  ///< of the requests; that of the rest is a matter of the logger's formatter
  ServerLimits limits = {};
  /// Told of each request when it was answered, on the I/O thread.
  std::function<void(const AccessRecord&)> on_answer = {};
  bool stop_on_signals = true;  ///< SIGINT and SIGTERM
};

struct ServerStatus {
  std::size_t connections = 0;
  std::uint64_t requests = 0;
  std::uint64_t refused_connections = 0;  ///< at the limit of connections
  std::uint64_t slow_readers = 0;         ///< WebSockets and streams that were cut for it
};

class Server {
 public:
  /// Takes the port and the signals. Errors: invalid_argument for files of TLS that cannot be used; unavailable when
  /// the port is in use; io otherwise (such as a host that is not known, or a port that needs privileges).
  static Result<std::unique_ptr<Server>> listen(ServerOptions options);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  /// Whether only programs of this machine can reach it.
  [[nodiscard]] bool is_loopback() const;
  /// Adds a task beside the connections; it ends by itself soon after stop_token() says so. Before run().
  void spawn(std::function<Task<void>()> task);
  /// Serves until stop() or a signal; then takes no more connections, finishes requests, says goodbye to WebSockets
  /// with 1001, joins every task and returns.
  void run(Router router);
  void stop();
  /// Stops when run() begins to drain.
  [[nodiscard]] std::stop_token stop_token() const;
  [[nodiscard]] ServerStatus status() const;

 private:
  struct State;
  explicit Server(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace topoforge::http
