#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string_view>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include "topoforge/adapters/http/log.hpp"
#include "topoforge/adapters/http/request_ids.hpp"
#include "topoforge/adapters/http/router.hpp"
#include "topoforge/adapters/http/server.hpp"
#include "topoforge/adapters/http/task.hpp"

/// Purpose: what the parts of the server share. Thread safety: the I/O thread, but for the atomics.
namespace topoforge::http {

class Connection {
 public:
  virtual ~Connection() = default;
  /// Ends as soon as what runs is finished.
  virtual void drain() = 0;
  /// Ends now.
  virtual void abort() = 0;
};

struct ServerContext {
  /// seed: of the requests' ids.
  ServerContext(const ServerOptions& options, std::uint64_t seed)
      : limits(options.limits),
        origins(options.origins),
        proxies(options.proxies),
        ids(seed),
        access_log(options.log_format),
        on_answer(options.on_answer) {}

  void answered(const AccessRecord& record) {
    access_log.write(record);
    if (on_answer) on_answer(record);
  }

  ServerLimits limits;
  OriginPolicy origins;
  TrustedProxies proxies;
  RequestIds ids;
  AccessLog access_log;
  std::function<void(const AccessRecord&)> on_answer;
  std::shared_ptr<boost::asio::ssl::context> tls;  ///< nothing for plain TCP
  Router router;
  std::set<Connection*> connections;
  std::atomic<bool> draining = false;
  std::atomic<std::size_t> connection_count = 0;
  std::atomic<std::uint64_t> requests = 0;
  std::atomic<std::uint64_t> refused_connections = 0;
  std::atomic<std::uint64_t> slow_readers = 0;
};

/// Keeps a connection in the context's list while it lives.
class Registration {
 public:
  Registration(ServerContext& context, Connection& connection) : context_(context), connection_(connection) {
    context_.connections.insert(&connection_);
  }
  ~Registration() { context_.connections.erase(&connection_); }
  Registration(const Registration&) = delete;
  Registration& operator=(const Registration&) = delete;

 private:
  ServerContext& context_;
  Connection& connection_;
};

/// What the log is told of a request that is answered now.
inline AccessRecord access_record(const Request& request, std::string_view route, unsigned status,
                                  std::chrono::steady_clock::time_point began) {
  const auto duration = std::chrono::steady_clock::now() - began;
  return {.method = request.method.empty() ? "-" : std::string_view(request.method),
          .path = request.path.empty() ? "-" : std::string_view(request.path),
          .route = route,
          .status = status,
          .duration = std::chrono::duration_cast<std::chrono::microseconds>(duration),
          .peer = request.peer,
          .id = request.id};
}

/// Serves one client until it goes.
Task<void> run_session(ServerContext& context, boost::asio::ip::tcp::socket socket);
/// Answers 503 and closes.
Task<void> refuse_connection(ServerContext& context, boost::asio::ip::tcp::socket socket);

}  // namespace topoforge::http
