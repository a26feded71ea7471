#pragma once

#include <chrono>
#include <functional>
#include <string>

#include <boost/asio/thread_pool.hpp>

#include "topoforge/adapters/http/router.hpp"
#include "topoforge/adapters/http/server.hpp"
#include "topoforge/api/alerts/alert_dispatcher.hpp"
#include "topoforge/api/auth/accounts.hpp"
#include "topoforge/api/call_limits.hpp"
#include "topoforge/api/detectors.hpp"
#include "topoforge/api/ingestor.hpp"
#include "topoforge/api/live_hub.hpp"
#include "topoforge/api/route.hpp"
#include "topoforge/api/waiting_room.hpp"
#include "topoforge/engine/engine.hpp"
#include "topoforge/ports/anomaly_store.hpp"
#include "topoforge/ports/source.hpp"
#include "topoforge/ports/telemetry.hpp"

/// Purpose: the addresses of the server, one line for each group of them in routes.cpp. GET /openapi.json tells them
/// all; WS /ws/stream, which OpenAPI cannot tell, stands in stream_socket.hpp. Thread safety: the I/O thread.
namespace topoforge::api {

/// What the routes of alerts work with.
struct AlertServices {
  Records<AlertConfig>& configs;
  Records<Delivery>& deliveries;
  AlertDispatcher& dispatcher;
  const ChannelSender& sender;
  const Digest& digest;
  const Courier& courier;
  /// For calls to others, which take as long as these like.
  boost::asio::thread_pool& delivery_pool;
};

/// What the routes work with; all outlive the router.
struct Services {
  Accounts& accounts;
  CallLimits& limits;
  Engine& engine;
  AnomalyStore& store;
  Records<Source>& sources;
  Detectors& detectors;
  boost::asio::thread_pool& storage_pool;
  /// For what takes long to read: large bodies.
  boost::asio::thread_pool& work_pool;
  /// For homology that is asked for, which takes up to seconds.
  boost::asio::thread_pool& compute_pool;
  WaitingRoom& compute_queue;
  const WaitingRoom& password_queue;
  Ingestor& ingestor;
  LiveHub& hub;
  AnomalyFeed& feed;
  Telemetry& telemetry;
  AlertServices alerts;
  std::function<http::ServerStatus()> server_status;
  Clock clock;
  std::string version;
  std::chrono::steady_clock::time_point started;
};

/// The table lives until the router is gone.
http::Router make_router(RouteTable& table, Services& services);

}  // namespace topoforge::api
