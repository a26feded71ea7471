#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "topoforge/alert_options.hpp"
#include "topoforge/api/call_limits.hpp"
#include "topoforge/base/result.hpp"
#include "topoforge/engine/engine.hpp"
#include "topoforge/ports/event_source.hpp"
#include "topoforge/stores.hpp"

/// Purpose: puts the server together (store, engine, routes) and runs it until SIGINT or SIGTERM.
namespace topoforge {

struct ServeOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8000;    ///< 0: any free one
  StoreOptions store;           ///< its data folder is made with mode 0700 when it is not there
  std::string cors_origins;     ///< comma list, see OriginPolicy
  std::string trusted_proxies;  ///< comma list, see TrustedProxies
  std::string tls_certificate;  ///< file; empty: no TLS
  std::string tls_key;
  std::string log_level = "info";
  std::string log_format = "text";  ///< or "json"
  std::string jwt_secret;           ///< empty: one is made once and kept in the data folder, but not with MongoDB
  std::string admin_email;          ///< with admin_password: the first account, where there is none
  std::string admin_password;
  std::size_t max_connections = 4096;  ///< 503 to the next
  unsigned retention_days = 0;         ///< 0: anomalies are kept
  bool open_stream = true;             ///< the live stream and ingest need no token
  api::CallLimitOptions limits;
  AlertOptions alerts;
  EngineOptions engine;
};

/// A source of events beside those that are posted, such as this host; its next() ends when the token stops.
using SourceFactory = std::function<Result<std::unique_ptr<EventSource>>(std::stop_token stop)>;

/// Returns when everything is drained. make_source may be empty.
/// Errors: invalid_argument for an option; else the store, the port or the source cannot be had.
Result<void> serve(const ServeOptions& options, const SourceFactory& make_source);

}  // namespace topoforge
