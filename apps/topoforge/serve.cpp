#include "topoforge/serve.hpp"

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <spdlog/formatter.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <boost/asio/thread_pool.hpp>

#include "topoforge/adapters/http/server.hpp"
#include "topoforge/adapters/sqlite/sqlite_anomaly_store.hpp"
#include "topoforge/api/routes.hpp"

namespace topoforge {
namespace {

/// Calls of the store that wait at once: changes among them share a commit, and readers do not wait for it.
constexpr std::size_t kStorageThreads = 4;

Result<void> make_data_folder(const std::filesystem::path& folder) {
  std::error_code error;
  if (std::filesystem::is_directory(folder, error)) return {};
  std::filesystem::create_directories(folder, error);
  if (!error) std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  if (!error) return {};
  return fail(ErrorCode::io, fmt::format("cannot make the data folder '{}': {}; choose another with --data-dir",
                                         folder.string(), error.message()));
}

void print_start(const ServeOptions& options, const http::Server& server, const std::filesystem::path& database,
                 bool watches) {
  const bool every = options.host == "0.0.0.0" || options.host == "::";
  const std::string host = every ? "127.0.0.1" : options.host;
  const std::string url = host.find(':') == std::string::npos ? fmt::format("http://{}:{}", host, server.port())
                                                              : fmt::format("http://[{}]:{}", host, server.port());
  fmt::print(
      "TopoForge {} listens on {}\n"
      "  see      open {} in a browser{}\n"
      "  post     curl -X POST {}/api/ingest -H 'Content-Type: application/json' "
      "-d '{{\"source\":\"demo\",\"values\":{{\"cpu\":0.42,\"network\":17.5}}}}'\n"
      "  look up  curl {}/api/anomalies\n"
      "  data     {}\n"
      "Ctrl-C stops it.\n",
      TOPOFORGE_VERSION, url, url, watches ? ", which shows this host live" : "", url, url, database.string());
  std::fflush(stdout);
  if (!server.is_loopback()) {
    spdlog::warn(
        "{} is reachable from other machines, and there is no authentication yet: whoever reaches the port "
        "can post events and read anomalies",
        options.host);
  }
}

/// Feeds the source's events to the ingestor until the source ends or the server stops.
http::Task<void> pump(EventSource& source, boost::asio::thread_pool& pool, api::Ingestor& ingestor,
                      std::stop_token stop) {
  std::string last_error;
  while (!stop.stop_requested()) {
    auto next = [&source] { return source.next(); };
    Result<std::optional<Event>> event = co_await http::run_on(pool, std::move(next));
    if (!event) {
      spdlog::error("the event source ended: {}", event.error().message);
      co_return;
    }
    if (!*event) co_return;
    std::vector<Event> events;
    events.push_back(std::move(**event));
    const auto done = co_await ingestor.ingest(std::move(events), {.sender = nullptr, .wait_for_room = true});
    std::string error = !done ? done.error().message : !done->front().live ? done->front().live.error().message : "";
    if (!error.empty() && error != last_error) spdlog::error("an event of the source: {}", error);
    last_error = std::move(error);
  }
}

Timestamp wall_clock() { return std::chrono::time_point_cast<Timestamp::duration>(std::chrono::system_clock::now()); }

}  // namespace

Result<void> serve(const ServeOptions& options, const SourceFactory& make_source) {
  spdlog::set_default_logger(spdlog::stderr_color_mt("topoforge"));
  spdlog::set_level(spdlog::level::from_str(options.log_level));
  const auto log_format = options.log_format == "json" ? http::LogFormat::json : http::LogFormat::text;
  if (log_format == http::LogFormat::json) spdlog::set_formatter(http::make_json_log_formatter());
  if (auto valid = validate(options.engine); !valid) return valid;
  auto proxies = http::TrustedProxies::parse(options.trusted_proxies);
  if (!proxies) return tl::unexpected(std::move(proxies.error()));
  auto origins = http::OriginPolicy::parse(options.cors_origins);
  if (!origins) return tl::unexpected(std::move(origins.error()));
  if (auto made = make_data_folder(options.data_folder); !made) return made;
  const std::filesystem::path database = options.data_folder / "topoforge.db";
  auto store = SqliteAnomalyStore::open(database);
  if (!store) return tl::unexpected(std::move(store.error()));
  auto server = http::Server::listen(
      {.host = options.host, .port = options.port, .origins = *origins, .proxies = *proxies, .log_format = log_format});
  if (!server) return tl::unexpected(std::move(server.error()));
  std::unique_ptr<EventSource> source;
  if (make_source) {
    auto made = make_source((*server)->stop_token());
    if (!made) return tl::unexpected(std::move(made.error()));
    source = std::move(*made);
  }

  boost::asio::thread_pool storage_pool(kStorageThreads);
  boost::asio::thread_pool work_pool(1);
  boost::asio::thread_pool source_pool(1);
  Engine engine(options.engine);
  api::LiveHub hub;
  api::Ingestor ingestor(
      {.engine = engine, .store = **store, .storage_pool = storage_pool, .hub = hub, .clock = wall_clock});
  api::Services services{.engine = engine,
                         .store = **store,
                         .storage_pool = storage_pool,
                         .work_pool = work_pool,
                         .ingestor = ingestor,
                         .hub = hub,
                         .server_status = [&server] { return (*server)->status(); },
                         .version = TOPOFORGE_VERSION,
                         .started = std::chrono::steady_clock::now()};
  if (source) {
    (*server)->spawn([&] { return pump(*source, source_pool, ingestor, (*server)->stop_token()); });
  }
  print_start(options, **server, database, source != nullptr);
  (*server)->run(api::make_router(services));
  engine.stop();
  spdlog::info("stopped");
  return {};
}

}  // namespace topoforge
