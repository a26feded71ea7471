#pragma once

#include <chrono>
#include <memory>
#include <string_view>

#include <spdlog/fwd.h>

/// Purpose: what the server writes to the log, as text or as JSON.
///   text  [2026-01-12 08:00:00.123] [info] GET /api/anomalies 200 1234 us 192.0.2.7 5c1d0f2a9b3e4d67-2a
///   json  {"time":"2026-01-12T08:00:00.123456Z","level":"info","message":"GET /api/anomalies 200","method":"GET",
///          "path":"/api/anomalies","status":200,"duration_us":1234,"peer":"192.0.2.7","request_id":"..."}
/// A request is told by its method, path and client; its query, headers and body may hold secrets and are never
/// written. Thread safety: that of spdlog's loggers and sinks.
namespace topoforge::http {

enum class LogFormat { text, json };

/// One JSON object a line: `time` (UTC), `level`, `message`; for a request its fields too.
std::unique_ptr<spdlog::formatter> make_json_log_formatter();

/// A request that was answered.
struct AccessRecord {
  std::string_view method;
  std::string_view path;   ///< decoded, without the query
  std::string_view route;  ///< pattern of the route that it went to; empty: none
  unsigned status = 0;
  std::chrono::microseconds duration{0};  ///< from its head to the end of its answer
  std::string_view peer;
  std::string_view id;
};

/// Calls of the API, WebSockets and what failed on our side at level info; the rest (health, pages, malformed requests)
/// at debug.
class AccessLog {
 public:
  /// Into the sinks of the program's default logger as it is now, at the level that it has when a record comes.
  explicit AccessLog(LogFormat format);
  void write(const AccessRecord& record);

 private:
  LogFormat format_;
  std::shared_ptr<spdlog::logger> logger_;
};

}  // namespace topoforge::http
