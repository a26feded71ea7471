#include "topoforge/adapters/http/log.hpp"

#include <ctime>
#include <iterator>
#include <string>

#include <fmt/chrono.h>
#include <spdlog/formatter.h>
#include <spdlog/logger.h>
#include <spdlog/spdlog.h>

#include "topoforge/adapters/http/json_string.hpp"

namespace topoforge::http {
namespace {

/// The logger whose messages are the members of a JSON object when the format is JSON.
constexpr const char* kAccessLogger = "access";

class JsonFormatter final : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& line) override {
    using std::chrono::microseconds;
    const auto since_epoch = std::chrono::duration_cast<microseconds>(message.time.time_since_epoch());
    const auto seconds = std::chrono::floor<std::chrono::seconds>(since_epoch);
    const auto level = spdlog::level::to_string_view(message.level);
    fmt::format_to(std::back_inserter(line), R"({{"time":"{:%Y-%m-%dT%H:%M:%S}.{:06}Z","level":"{}",)",
                   fmt::gmtime(static_cast<std::time_t>(seconds.count())), (since_epoch - seconds).count(),
                   std::string_view(level.data(), level.size()));
    const std::string_view payload(message.payload.data(), message.payload.size());
    const std::string_view logger(message.logger_name.data(), message.logger_name.size());
    if (logger == kAccessLogger) {
      line.append(payload);
    } else {
      fmt::format_to(std::back_inserter(line), R"("message":{})", json_string(payload));
    }
    line.append(std::string_view("}\n"));
  }
  [[nodiscard]] std::unique_ptr<spdlog::formatter> clone() const override { return std::make_unique<JsonFormatter>(); }
};

/// 501 and 505 answer what a client asks of a server that never did it.
bool is_our_failure(unsigned status) { return status >= 500 && status != 501 && status != 505; }

bool is_worth_telling(const AccessRecord& record) {
  return record.path.starts_with("/api/") || record.path.starts_with("/ws/") || is_our_failure(record.status);
}

std::string fields_of(const AccessRecord& record) {
  return fmt::format(R"("message":{},"method":{},"path":{},"status":{},"duration_us":{},"peer":{},"request_id":{})",
                     json_string(fmt::format("{} {} {}", record.method, record.path, record.status)),
                     json_string(record.method), json_string(record.path), record.status, record.duration.count(),
                     json_string(record.peer), json_string(record.id));
}

}  // namespace

std::unique_ptr<spdlog::formatter> make_json_log_formatter() { return std::make_unique<JsonFormatter>(); }

AccessLog::AccessLog(LogFormat format)
    : format_(format),
      logger_(std::make_shared<spdlog::logger>(kAccessLogger, spdlog::default_logger()->sinks().begin(),
                                               spdlog::default_logger()->sinks().end())) {
  logger_->set_level(spdlog::level::trace);
}

void AccessLog::write(const AccessRecord& record) {
  const auto level = is_worth_telling(record) ? spdlog::level::info : spdlog::level::debug;
  if (!spdlog::default_logger_raw()->should_log(level)) return;
  if (format_ == LogFormat::json) {
    logger_->log(level, std::string_view(fields_of(record)));
  } else {
    logger_->log(level, "{} {} {} {} us {} {}", record.method, record.path, record.status, record.duration.count(),
                 record.peer, record.id);
  }
}

}  // namespace topoforge::http
