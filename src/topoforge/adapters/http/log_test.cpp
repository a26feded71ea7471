#include "topoforge/adapters/http/log.hpp"

#include <algorithm>
#include <memory>
#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/formatter.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

namespace topoforge::http {
namespace {

using std::chrono::microseconds;
using testing::EndsWith;
using testing::HasSubstr;
using testing::MatchesRegex;

/// The program's log, into a text.
class LogTest : public testing::Test {
 protected:
  LogTest() {
    logger_->set_pattern("[%l] %v");
    spdlog::set_default_logger(logger_);
  }
  ~LogTest() override { spdlog::set_default_logger(before_); }
  void use_json() { logger_->set_formatter(make_json_log_formatter()); }

  std::ostringstream out_;
  std::shared_ptr<spdlog::logger> before_ = spdlog::default_logger();
  std::shared_ptr<spdlog::logger> logger_ =
      std::make_shared<spdlog::logger>("program", std::make_shared<spdlog::sinks::ostream_sink_st>(out_));
};

constexpr AccessRecord kCall{.method = "GET",
                             .path = "/api/anomalies",
                             .route = "",
                             .status = 200,
                             .duration = microseconds(1234),
                             .peer = "192.0.2.7",
                             .id = "abc-1"};

TEST_F(LogTest, ACallIsALineOfText) {
  AccessLog(LogFormat::text).write(kCall);
  EXPECT_EQ(out_.str(), "[info] GET /api/anomalies 200 1234 us 192.0.2.7 abc-1\n");
}

TEST_F(LogTest, ACallIsAnObjectWithItsFields) {
  use_json();
  AccessLog(LogFormat::json).write(kCall);
  EXPECT_THAT(out_.str(), MatchesRegex("\\{\"time\":\"20[0-9-]+T[0-9:]+\\.[0-9]+Z\",\"level\":\"info\",.*\n"));
  EXPECT_THAT(out_.str(),
              EndsWith(R"("level":"info","message":"GET /api/anomalies 200","method":"GET","path":"/api/anomalies",)"
                       R"("status":200,"duration_us":1234,"peer":"192.0.2.7","request_id":"abc-1"})"
                       "\n"));
}

TEST_F(LogTest, WhatAClientSendsCannotEndALineOrAString) {
  use_json();
  AccessRecord record = kCall;
  record.path = "/api/\"},\n{\"x\\\xff";
  AccessLog(LogFormat::json).write(record);
  spdlog::warn("a \"message\"\nof two lines");
  const std::string text = out_.str();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
  EXPECT_THAT(text, HasSubstr(R"("path":"/api/\"},\u000a{\"x\\)"
                              "\xef\xbf\xbd\""));
  EXPECT_THAT(text, HasSubstr(R"("level":"warning","message":"a \"message\"\u000aof two lines"})"));
}

TEST_F(LogTest, OnlyCallsAndFailuresAreToldAtInfo) {
  AccessLog log(LogFormat::text);
  const auto written = [&](std::string_view path, unsigned status) {
    AccessRecord record = kCall;
    record.path = path;
    record.status = status;
    out_.str("");
    log.write(record);
    return !out_.str().empty();
  };
  EXPECT_TRUE(written("/api/ingest", 422));
  EXPECT_TRUE(written("/ws/stream", 101));
  EXPECT_FALSE(written("/health", 200));
  EXPECT_TRUE(written("/health", 503));
  EXPECT_FALSE(written("-", 505));
  logger_->set_level(spdlog::level::debug);
  EXPECT_TRUE(written("/health", 200));
  logger_->set_level(spdlog::level::warn);
  EXPECT_FALSE(written("/api/ingest", 200));
}

}  // namespace
}  // namespace topoforge::http
