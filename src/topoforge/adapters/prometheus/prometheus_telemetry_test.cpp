#include "topoforge/adapters/prometheus/prometheus_telemetry.hpp"

#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace topoforge::prometheus {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

Analysis analysis_of(const std::string& source, double score) {
  Analysis analysis;
  analysis.stream = {.source = source, .entity = {}};
  analysis.anomaly_score = score;
  analysis.is_anomaly = score > 0.5;
  analysis.risk_level = risk_level(score);
  analysis.betti_numbers = {.h0 = 3, .h1 = 1, .h2 = 0};
  return analysis;
}

TEST(PrometheusTelemetry, RequestsAreCountedByRouteAndNotByWhatClientsSend) {
  PrometheusTelemetry telemetry({.version = "1.2.3"});
  telemetry.request_answered({.method = "GET", .route = "/api/anomalies/{id}", .status = 404, .duration = 3ms});
  telemetry.request_answered({.method = "GET", .route = "/api/anomalies/{id}", .status = 404, .duration = 3ms});
  telemetry.request_answered({.method = "BREW", .route = "", .status = 404, .duration = 1ms});
  const std::string text = telemetry.exposition({});
  EXPECT_THAT(text, HasSubstr("# TYPE topoforge_http_requests_total counter"));
  EXPECT_THAT(text,
              HasSubstr(R"(topoforge_http_requests_total{method="GET",route="/api/anomalies/{id}",status="404"} 2)"));
  EXPECT_THAT(text, HasSubstr(R"(topoforge_http_requests_total{method="other",route="none",status="404"} 1)"));
  EXPECT_THAT(text, HasSubstr("topoforge_http_request_duration_seconds_bucket"
                              R"({method="GET",route="/api/anomalies/{id}",le="0.005"} 2)"));
  EXPECT_THAT(text, HasSubstr(R"(topoforge_build_info{version="1.2.3"} 1)"));
}

TEST(PrometheusTelemetry, WindowsTellScoresAndBettiNumbers) {
  PrometheusTelemetry telemetry({.version = "1"});
  telemetry.window_analysed(analysis_of("web\"1\n", 0.9), 120us);
  telemetry.window_analysed(analysis_of("web\"1\n", 0.1), 120us);
  const std::string text = telemetry.exposition({.streams = 7, .evicted_streams = 2});
  EXPECT_THAT(text, HasSubstr("topoforge_windows_total 2"));
  EXPECT_THAT(text, HasSubstr(R"(topoforge_anomalies_total{risk_level="Critical"} 1)"));
  EXPECT_THAT(text, HasSubstr(R"(topoforge_betti_number{dimension="0",entity="",source="web\"1\n"} 3)"));
  EXPECT_THAT(text, HasSubstr(R"(topoforge_homology_duration_seconds_bucket{le="0.00025"} 2)"));
  EXPECT_THAT(text, HasSubstr("topoforge_streams 7"));
  EXPECT_THAT(text, HasSubstr("topoforge_evicted_streams_total 2"));
  EXPECT_THAT(text, HasSubstr("process_resident_memory_bytes"));
  EXPECT_THAT(telemetry.exposition({.evicted_streams = 5}), HasSubstr("topoforge_evicted_streams_total 5"));
}

TEST(PrometheusTelemetry, NoMoreStreamsAreNamedThanABound) {
  PrometheusTelemetry telemetry({.version = "1"});
  for (std::size_t i = 0; i < kNamedStreams; ++i) telemetry.window_analysed(analysis_of(std::to_string(i), 0), 1us);
  telemetry.window_analysed(analysis_of("0", 0), 1us);
  telemetry.window_analysed(analysis_of("new", 0), 1us);
  const std::string text = telemetry.exposition({});
  EXPECT_THAT(text, HasSubstr(R"(source="new"})"));
  EXPECT_THAT(text, HasSubstr(R"(source="0"})"));
  EXPECT_THAT(text, Not(HasSubstr(R"(source="1"})"))) << "the one analysed longest ago";
}

TEST(PrometheusTelemetry, StreamsNeedNotBeNamed) {
  PrometheusTelemetry telemetry({.version = "1", .names_streams = false});
  telemetry.window_analysed(analysis_of("private", 0.9), 1us);
  EXPECT_THAT(telemetry.exposition({}), Not(HasSubstr("private")));
}

TEST(PrometheusTelemetry, FailuresOfTheStoreAreCounted) {
  PrometheusTelemetry telemetry({.version = "1"});
  telemetry.store_called("anomalies.add", 2ms, true);
  telemetry.store_called("anomalies.add", 2ms, false);
  const std::string text = telemetry.exposition({});
  EXPECT_THAT(text, HasSubstr(R"(topoforge_store_duration_seconds_count{operation="anomalies.add"} 2)"));
  EXPECT_THAT(text, HasSubstr(R"(topoforge_store_failures_total{operation="anomalies.add"} 1)"));
}

TEST(PrometheusTelemetry, ManyThreadsLoseNothing) {
  PrometheusTelemetry telemetry({.version = "1"});
  constexpr int kCalls = 500;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (int call = 0; call < kCalls; ++call) {
        telemetry.events_ingested({.accepted = 1});
        telemetry.window_analysed(analysis_of(std::to_string(call * 4 + i), 0.9), 1us);
        telemetry.request_answered({.method = "GET", .route = "/", .status = 200, .duration = 1us});
        if (call % 50 == 0) {
          EXPECT_FALSE(telemetry.exposition({}).empty());
        }
      }
    });
  }
  threads.clear();
  const std::string text = telemetry.exposition({});
  EXPECT_THAT(text, HasSubstr(R"(topoforge_events_total{outcome="accepted"} 2000)"));
  EXPECT_THAT(text, HasSubstr("topoforge_windows_total 2000"));
}

}  // namespace
}  // namespace topoforge::prometheus
