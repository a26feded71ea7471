#pragma once

#include <atomic>
#include <cstdint>
#include <set>

#include <boost/asio/ip/tcp.hpp>

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
  ServerLimits limits;
  OriginPolicy origins;
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

/// Serves one client until it goes.
Task<void> run_session(ServerContext& context, boost::asio::ip::tcp::socket socket);
/// Answers 503 and closes.
Task<void> refuse_connection(ServerContext& context, boost::asio::ip::tcp::socket socket);

}  // namespace topoforge::http
