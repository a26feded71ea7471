#pragma once

#include <chrono>
#include <functional>
#include <string>

#include <boost/asio/thread_pool.hpp>

#include "topoforge/adapters/http/router.hpp"
#include "topoforge/adapters/http/server.hpp"
#include "topoforge/api/ingestor.hpp"
#include "topoforge/api/live_hub.hpp"
#include "topoforge/engine/engine.hpp"
#include "topoforge/ports/anomaly_store.hpp"

/// Purpose: the addresses of the server.
///   GET  /                    program: {"status":"online",...}; browser (Accept: text/html): the live page
///   GET  /health              200, or 503 when the store fails
///   POST /api/ingest          events, see ingest_route.hpp
///   GET  /api/anomalies       ?page, limit, source, min_score: {data, page, limit, total}, newest first
///   GET  /api/anomalies/{id}
///   WS   /ws/stream           see stream_socket.hpp
/// Thread safety: the I/O thread.
namespace topoforge::api {

/// What the routes work with; all outlive the router.
struct Services {
  Engine& engine;
  AnomalyStore& store;
  boost::asio::thread_pool& storage_pool;
  /// For what takes long to read: large bodies.
  boost::asio::thread_pool& work_pool;
  Ingestor& ingestor;
  LiveHub& hub;
  std::function<http::ServerStatus()> server_status;
  std::string version;
  std::chrono::steady_clock::time_point started;
};

http::Router make_router(Services& services);

}  // namespace topoforge::api
