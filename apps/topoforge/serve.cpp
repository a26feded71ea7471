#include "topoforge/serve.hpp"

#include <chrono>
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

#include "topoforge/adapters/crypt/bcrypt_password_hasher.hpp"
#include "topoforge/adapters/curl/curl_web_client.hpp"
#include "topoforge/adapters/file/secret_file.hpp"
#include "topoforge/adapters/http/server.hpp"
#include "topoforge/adapters/jwt/jwt_access_tokens.hpp"
#include "topoforge/adapters/openssl/openssl_digest.hpp"
#include "topoforge/adapters/openssl/openssl_random.hpp"
#include "topoforge/adapters/prometheus/prometheus_telemetry.hpp"
#include "topoforge/api/alerts/alert_dispatcher.hpp"
#include "topoforge/api/measured_anomaly_store.hpp"
#include "topoforge/api/retention.hpp"
#include "topoforge/api/routes.hpp"
#include "topoforge/open_files.hpp"
#include "topoforge/stores.hpp"
#include "topoforge/user_accounts.hpp"

namespace topoforge {
namespace {

/// Readers of the store do not wait for its writer, so that several calls can be at it; and so many that some are left
/// for readers while writers wait for another program's lock.
constexpr std::size_t kStorageThreads = 16;
/// For tests of alert configurations, which wait for others.
constexpr std::size_t kDeliveryThreads = 4;

/// Diagrams and previews that are asked for: beyond it a caller would wait too long for the ones before.
constexpr std::size_t kComputeCalls = 8;
/// Passwords that are looked at or set: each takes a quarter of a second.
constexpr std::size_t kPasswordCalls = 16;

void print_start(const ServeOptions& options, const http::Server& server, const std::string& place, bool watches) {
  const bool every = options.host == "0.0.0.0" || options.host == "::";
  const std::string host = every ? "127.0.0.1" : options.host;
  const bool bracketed = host.find(':') != std::string::npos;
  const std::string url = fmt::format("{}://{}{}{}:{}", options.tls_certificate.empty() ? "http" : "https",
                                      bracketed ? "[" : "", host, bracketed ? "]" : "", server.port());
  fmt::print(
      "TopoForge {} listens on {}\n"
      "  see      open {} in a browser{}\n"
      "  post     curl -X POST {}/api/ingest -H 'Content-Type: application/json' "
      "-d '{{\"source\":\"demo\",\"values\":{{\"cpu\":0.42,\"network\":17.5}}}}'\n"
      "  accounts topoforge user create NAME --email ADDRESS --role admin\n"
      "  API      {}/openapi.json\n"
      "  data     {}\n"
      "Ctrl-C stops it.\n",
      TOPOFORGE_VERSION, url, url, watches ? ", which shows this host live" : "", url, url, place);
  std::fflush(stdout);
  if (!server.is_loopback() && options.open_stream) {
    spdlog::warn(
        "{} is reachable from other machines, and whoever reaches the port can post events and watch the live stream; "
        "TOPOFORGE_OPEN_STREAM=false asks for a token",
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

/// What makes and checks tokens and passwords.
struct Security {
  openssl::OpensslRandom random;
  std::unique_ptr<openssl::OpensslDigest> digest;
  std::unique_ptr<jwt::JwtAccessTokens> access_tokens;
  std::unique_ptr<crypt::BcryptPasswordHasher> hasher;
};

Result<Security> make_security(const ServeOptions& options, const std::filesystem::path& folder) {
  Security security;
  std::string secret = options.jwt_secret;
  if (secret.empty() && !options.store.mongodb_uri.empty()) {
    return fail(
        ErrorCode::invalid_argument,
        "JWT_SECRET is not set: beside MongoDB, which several servers can share, it is wanted, 32 bytes or more, "
        "such as `openssl rand -base64 48` makes");
  }
  if (secret.empty()) {
    auto kept = load_or_make_secret((folder / "jwt_secret").string(), security.random);
    if (!kept) return tl::unexpected(std::move(kept.error()));
    secret = std::move(*kept);
  }
  auto tokens = jwt::JwtAccessTokens::create(std::move(secret));
  if (!tokens) return tl::unexpected(std::move(tokens.error()));
  security.access_tokens = std::move(*tokens);
  auto digest = openssl::OpensslDigest::create();
  if (!digest) return tl::unexpected(std::move(digest.error()));
  security.digest = std::move(*digest);
  auto hasher = crypt::BcryptPasswordHasher::create();
  if (!hasher) return tl::unexpected(std::move(hasher.error()));
  security.hasher = std::move(*hasher);
  return security;
}

Result<void> make_first_admin(const ServeOptions& options, Stores& stores, PasswordHasher& hasher) {
  if (options.admin_email.empty() || options.admin_password.empty()) return {};
  const auto made = add_first_admin(stores, hasher, options.admin_email, options.admin_password);
  if (!made) return tl::unexpected(made.error());
  if (*made) spdlog::info("made the first account: admin <{}>", options.admin_email);
  return {};
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
  auto public_url = checked_public_url(options.alerts);
  if (!public_url) return tl::unexpected(std::move(public_url.error()));
  auto folder = make_data_folder(options.store.data_folder);
  if (!folder) return tl::unexpected(std::move(folder.error()));
  auto security = make_security(options, *folder);
  if (!security) return tl::unexpected(std::move(security.error()));
  auto stores = open_stores(options.store, StoreUse::server);
  if (!stores) return tl::unexpected(std::move(stores.error()));
  if (auto made = make_first_admin(options, *stores, *security->hasher); !made) return made;
  prometheus::PrometheusTelemetry telemetry({.version = TOPOFORGE_VERSION, .names_streams = options.open_stream});
  std::optional<http::TlsFiles> tls;
  if (!options.tls_certificate.empty()) tls = {.certificate = options.tls_certificate, .key = options.tls_key};
  allow_open_files(options.max_connections);
  auto server = http::Server::listen(
      {.host = options.host,
       .port = options.port,
       .origins = *origins,
       .proxies = *proxies,
       .tls = std::move(tls),
       .log_format = log_format,
       .limits = {.connections = options.max_connections},
       .on_answer = [&telemetry](const http::AccessRecord& record) {
         telemetry.request_answered(
             {.method = record.method, .route = record.route, .status = record.status, .duration = record.duration});
       }});
  if (!server) return tl::unexpected(std::move(server.error()));
  auto mail = make_mail_transport(options.alerts, wall_clock, (*server)->stop_token());
  if (!mail) return tl::unexpected(std::move(mail.error()));
  std::unique_ptr<EventSource> source;
  if (make_source) {
    auto made = make_source((*server)->stop_token());
    if (!made) return tl::unexpected(std::move(made.error()));
    source = std::move(*made);
  }

  boost::asio::thread_pool storage_pool(kStorageThreads);
  boost::asio::thread_pool work_pool(1);
  boost::asio::thread_pool compute_pool(1);
  boost::asio::thread_pool password_pool(1);
  boost::asio::thread_pool source_pool(1);
  boost::asio::thread_pool delivery_pool(kDeliveryThreads);
  Engine engine(options.engine);
  api::MeasuredAnomalyStore store(*stores->anomalies, telemetry);
  curl::CurlWebClient web_client({.allow_private = options.alerts.allow_private,
                                  .user_agent = "TopoForge/" TOPOFORGE_VERSION,
                                  .ca_file = options.alerts.ca_file,
                                  .stop = (*server)->stop_token()});
  const api::ChannelSender channel_sender({.web = web_client,
                                           .mail = mail->get(),
                                           .digest = *security->digest,
                                           .clock = wall_clock,
                                           .public_url = *public_url});
  api::Courier courier({.deliveries = *stores->deliveries,
                        .configs = *stores->alert_configs,
                        .users = *stores->users,
                        .sender = channel_sender,
                        .mail = mail->get(),
                        .random = security->random,
                        .clock = wall_clock,
                        .seed = static_cast<std::uint64_t>(wall_clock().time_since_epoch().count())});
  api::AlertDispatcher dispatcher({.configs = *stores->alert_configs,
                                   .deliveries = *stores->deliveries,
                                   .courier = courier,
                                   .storage_pool = storage_pool,
                                   .clock = wall_clock});
  if (auto loaded = dispatcher.load(); !loaded) return loaded;
  if (auto started = courier.start(); !started) return started;
  api::LiveHub hub;
  api::AnomalyFeed feed(store, storage_pool);
  api::Ingestor ingestor({.engine = engine,
                          .store = store,
                          .storage_pool = storage_pool,
                          .hub = hub,
                          .feed = feed,
                          .telemetry = telemetry,
                          .clock = wall_clock,
                          .alerts = &dispatcher});
  api::WaitingRoom password_queue(kPasswordCalls);
  api::Accounts accounts({.users = *stores->users,
                          .sessions = *stores->sessions,
                          .tokens = *stores->tokens,
                          .hasher = *security->hasher,
                          .access_tokens = *security->access_tokens,
                          .random = security->random,
                          .digest = *security->digest,
                          .postbox = courier,
                          .storage_pool = storage_pool,
                          .password_pool = password_pool,
                          .password_queue = password_queue,
                          .clock = wall_clock});
  api::Detectors detectors(
      {.records = *stores->detectors, .engine = engine, .storage_pool = storage_pool, .clock = wall_clock});
  if (auto resumed = detectors.resume(); !resumed) return resumed;
  api::WaitingRoom compute_queue(kComputeCalls);
  api::CallLimits limits(options.limits, api::steady_moment);
  api::RouteTable routes({.authenticator = accounts,
                          .rate_limit = [&limits](auto&&... call) { return limits.count(call...); },
                          .open_stream = options.open_stream,
                          .body_pool = &work_pool});
  api::Services services{.accounts = accounts,
                         .limits = limits,
                         .engine = engine,
                         .store = store,
                         .sources = *stores->sources,
                         .detectors = detectors,
                         .storage_pool = storage_pool,
                         .work_pool = work_pool,
                         .compute_pool = compute_pool,
                         .compute_queue = compute_queue,
                         .password_queue = password_queue,
                         .ingestor = ingestor,
                         .hub = hub,
                         .feed = feed,
                         .telemetry = telemetry,
                         .alerts = {.configs = *stores->alert_configs,
                                    .deliveries = *stores->deliveries,
                                    .dispatcher = dispatcher,
                                    .sender = channel_sender,
                                    .digest = *security->digest,
                                    .courier = courier,
                                    .delivery_pool = delivery_pool},
                         .server_status = [&server] { return (*server)->status(); },
                         .clock = wall_clock,
                         .version = TOPOFORGE_VERSION,
                         .started = std::chrono::steady_clock::now()};
  (*server)->spawn([&] {
    return api::erase_outdated({.store = store,
                                .sessions = *stores->sessions,
                                .tokens = *stores->tokens,
                                .storage_pool = storage_pool,
                                .clock = wall_clock,
                                .keep = std::chrono::days(options.retention_days)},
                               (*server)->stop_token());
  });
  (*server)->spawn([&] { return dispatcher.run((*server)->stop_token()); });
  if (source) {
    (*server)->spawn([&] { return pump(*source, source_pool, ingestor, (*server)->stop_token()); });
  }
  print_start(options, **server, stores->place, source != nullptr);
  (*server)->run(api::make_router(routes, services));
  engine.stop();
  courier.stop();
  // What a connection that was cut left to them works with all of the above.
  storage_pool.join();
  delivery_pool.join();
  spdlog::info("stopped");
  return {};
}

}  // namespace topoforge
