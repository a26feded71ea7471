#include "topoforge/api/routes.hpp"

#include <memory>
#include <utility>

#include <boost/json/object.hpp>

#include "topoforge/api/anomaly_routes.hpp"
#include "topoforge/api/ingest_route.hpp"
#include "topoforge/api/live_page.hpp"
#include "topoforge/api/stream_socket.hpp"
#include "topoforge/codec/json/json_text.hpp"

namespace topoforge::api {
namespace {

using boost::json::object;

http::Response root(const Services& services, const http::Request& request) {
  http::Response response =
      http::lists_token(request.header("Accept"), "text/html")
          ? live_page()
          : http::Response{.status = 200,
                           .body = print_json(
                               object{{"status", "online"}, {"system", "TopoForge"}, {"version", services.version}})};
  response.headers.emplace_back("Vary", "Accept");
  return response;
}

http::Task<http::Response> health(Services& services) {
  auto check = [store = &services.store] { return store->check(); };
  const Result<void> checked = co_await http::run_on(services.storage_pool, std::move(check));
  const std::string failure = checked ? services.ingestor.store_error() : checked.error().message;
  const EngineStatus engine = services.engine.status();
  const http::ServerStatus server = services.server_status();
  const auto uptime = std::chrono::steady_clock::now() - services.started;
  object store{{"status", failure.empty() ? "ok" : "failing"}};
  if (!failure.empty()) store["detail"] = failure;
  const object body{{"status", failure.empty() ? "ok" : "failing"},
                    {"version", services.version},
                    {"uptime_seconds", std::chrono::duration<double>(uptime).count()},
                    {"streams", engine.streams},
                    {"evicted_streams", engine.evicted},
                    {"events", engine.processed},
                    {"queue_depth", engine.queue_depth},
                    {"shards", engine.shards},
                    {"connections", server.connections},
                    {"refused_connections", server.refused_connections},
                    {"watchers", services.hub.size()},
                    {"slow_readers", server.slow_readers},
                    {"store", std::move(store)}};
  co_return http::Response{.status = failure.empty() ? 200U : 503U, .body = print_json(body)};
}

}  // namespace

http::Router make_router(Services& services) {
  http::Router router;
  router.add(
      "GET", "/",
      [&services](const http::Request& request) -> http::Task<http::Response> { co_return root(services, request); },
      http::Pages::any);
  add_live_assets(router);
  router.add(
      "GET", "/health", [&services](const http::Request&) { return health(services); }, http::Pages::any);
  for (const char* const path : {"/api/ingest", "/api/ingest/"}) {
    router.add("POST", path, [&services](const http::Request& request) { return ingest_route(services, request); });
  }
  for (const char* const path : {"/api/anomalies", "/api/anomalies/"}) {
    router.add("GET", path, [&services](const http::Request& request) { return list_anomalies(services, request); });
  }
  router.add("GET", "/api/anomalies/{id}",
             [&services](const http::Request& request) { return get_anomaly(services, request); });
  router.add_web_socket("/ws/stream", [&services](const http::Request&, http::WebSocketPeer& peer) {
    return std::make_unique<StreamSocket>(peer, services.ingestor, services.hub);
  });
  return router;
}

}  // namespace topoforge::api
