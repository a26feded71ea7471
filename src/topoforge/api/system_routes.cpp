#include "topoforge/api/system_routes.hpp"

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "topoforge/api/live_page.hpp"

namespace topoforge::api {
namespace {

struct SystemStatus {
  std::string status = "online";
  std::string system = "TopoForge";
  std::string version;
  static constexpr auto model() {
    return topoforge::model("SystemStatus", "What answers here", field(&SystemStatus::status, {.example = "online"}));
  }
};
BOOST_DESCRIBE_STRUCT(SystemStatus, (), (status, system, version))

struct StoreHealth {
  std::string status = "ok";
  std::optional<std::string> detail;
  static constexpr auto model() {
    return topoforge::model("StoreHealth", "Whether anomalies can be kept",
                            field(&StoreHealth::status, {.about = "ok or failing"}),
                            field(&StoreHealth::detail, {.about = "What fails"}));
  }
};
BOOST_DESCRIBE_STRUCT(StoreHealth, (), (status, detail))

struct HealthReport {
  std::string status = "ok";
  std::string version;
  double uptime_seconds = 0;
  std::uint64_t streams = 0;
  std::uint64_t evicted_streams = 0;
  std::uint64_t events = 0;
  std::uint64_t queue_depth = 0;
  std::uint64_t shards = 0;
  std::uint64_t connections = 0;
  std::uint64_t refused_connections = 0;
  std::uint64_t watchers = 0;
  std::uint64_t slow_readers = 0;
  StoreHealth store;
  static constexpr auto model() {
    return topoforge::model(
        "HealthReport", "How the server is", field(&HealthReport::status, {.about = "ok or failing"}),
        field(&HealthReport::events, {.about = "Events analysed since the start"}),
        field(&HealthReport::queue_depth, {.about = "Events that wait"}),
        field(&HealthReport::watchers, {.about = "Subscribers of the live stream"}),
        field(&HealthReport::slow_readers, {.about = "Subscribers dropped since they read too slowly"}));
  }
};
BOOST_DESCRIBE_STRUCT(HealthReport, (),
                      (status, version, uptime_seconds, streams, evicted_streams, events, queue_depth, shards,
                       connections, refused_connections, watchers, slow_readers, store))

http::Response root(const Services& services, const http::Request& request) {
  http::Response response;
  if (http::lists_token(request.header("Accept"), "text/html")) {
    response = live_page();
  } else {
    SystemStatus status;
    status.version = services.version;
    response.body = print_model(status);
  }
  response.headers.emplace_back("Vary", "Accept");
  return response;
}

http::Response state_response(bool good, std::string body) {
  http::Response response{.status = good ? 200U : 503U, .body = std::move(body)};
  if (!good) response.headers.emplace_back("Retry-After", "1");
  return response;
}

struct ReadyReport {
  bool ready = true;
  std::vector<std::string> reasons;
  static constexpr auto model() {
    return topoforge::model("ReadyReport", "Whether work should be sent here",
                            field(&ReadyReport::reasons, {.about = "Why not"}));
  }
};
BOOST_DESCRIBE_STRUCT(ReadyReport, (), (ready, reasons))

/// 503 tells a load balancer to send the work elsewhere.
http::Task<Reply<http::Response>> ready(const Services& services) {
  auto check = [store = &services.store] { return store->check(); };
  const Result<void> store = co_await http::run_on(services.storage_pool, std::move(check));
  ReadyReport report;
  if (!store) report.reasons.push_back("the store: " + store.error().message);
  const EngineStatus engine = services.engine.status();
  if (engine.queue_depth >= engine.shards * services.engine.options().queue_limit)
    report.reasons.push_back(fmt::format("{} events wait for analysis", engine.queue_depth));
  report.ready = report.reasons.empty();
  co_return state_response(report.ready, print_model(report));
}

/// Written on the work pool: thousands of series, and reading /proc, would hold up everyone else.
http::Task<Reply<http::Response>> metrics(const Services& services) {
  const EngineStatus engine = services.engine.status();
  const http::ServerStatus server = services.server_status();
  const ServiceGauges gauges{.streams = engine.streams,
                             .evicted_streams = engine.evicted,
                             .queue_depth = engine.queue_depth,
                             .waiting_passwords = services.password_queue.taken(),
                             .waiting_computations = services.compute_queue.taken(),
                             .waiting_deliveries = services.alerts.courier.waiting(),
                             .spooled_anomalies = services.store.waiting(),
                             .shards = engine.shards,
                             .connections = server.connections,
                             .refused_connections = server.refused_connections,
                             .watchers = services.hub.size(),
                             .followers = services.feed.followers(),
                             .slow_readers = server.slow_readers};
  auto write = [&telemetry = services.telemetry, gauges] { return telemetry.exposition(gauges); };
  std::string text = co_await http::run_on(services.work_pool, std::move(write));
  co_return http::Response{
      .status = 200, .body = std::move(text), .content_type = "text/plain; version=0.0.4; charset=utf-8"};
}

http::Task<Reply<http::Response>> health(const Services& services) {
  auto check = [store = &services.store] { return store->check(); };
  const Result<void> checked = co_await http::run_on(services.storage_pool, std::move(check));
  const std::string failure = checked ? std::string() : checked.error().message;
  const EngineStatus engine = services.engine.status();
  const http::ServerStatus server = services.server_status();
  const auto uptime = std::chrono::steady_clock::now() - services.started;
  const std::string status = failure.empty() ? "ok" : "failing";
  const HealthReport report{
      .status = status,
      .version = services.version,
      .uptime_seconds = std::chrono::duration<double>(uptime).count(),
      .streams = engine.streams,
      .evicted_streams = engine.evicted,
      .events = engine.processed,
      .queue_depth = engine.queue_depth,
      .shards = engine.shards,
      .connections = server.connections,
      .refused_connections = server.refused_connections,
      .watchers = services.hub.size(),
      .slow_readers = server.slow_readers,
      .store = {.status = status, .detail = failure.empty() ? std::nullopt : std::optional(failure)}};
  co_return state_response(failure.empty(), print_model(report));
}

}  // namespace

void add_system_routes(RouteTable& routes, Services& services) {
  routes
      .add({.method = "GET",
            .path = "/",
            .tag = "system",
            .summary = "What answers here: a page for a browser, the status for a program",
            .access = Access::anyone,
            .limit = RateLimitClass::none},
           [&services](const Call& call) -> http::Task<Reply<http::Response>> {
             co_return root(services, call.request);
           })
      .answers<SystemStatus>(200)
      .answers<std::string>(200, "text/html");
  routes
      .add({.method = "GET",
            .path = "/health",
            .tag = "system",
            .summary = "How the server is; 503 while anomalies cannot be kept",
            .access = Access::anyone,
            .limit = RateLimitClass::none},
           [&services](const Call&) { return health(services); })
      .answers<HealthReport>(200)
      .answers<HealthReport>(503);
  routes
      .add({.method = "GET",
            .path = "/ready",
            .tag = "system",
            .summary = "Whether work should be sent here; 503 while not",
            .access = Access::anyone,
            .limit = RateLimitClass::none},
           [&services](const Call&) { return ready(services); })
      .answers<ReadyReport>(200)
      .answers<ReadyReport>(503);
  routes
      .add({.method = "GET",
            .path = "/metrics",
            .tag = "system",
            .summary = "What is measured, for Prometheus",
            .access = Access::anyone,
            .limit = RateLimitClass::none},
           [&services](const Call&) { return metrics(services); })
      .answers<std::string>(200, "text/plain");
}

}  // namespace topoforge::api
