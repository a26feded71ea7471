#include "topoforge/api/ingestor.hpp"

#include <cmath>
#include <future>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include "topoforge/codec/json/json_text.hpp"

namespace topoforge::api {
namespace {

using testing::HasSubstr;

/// Keeps anomalies in memory, and can be made to fail.
class MemoryStore final : public AnomalyStore {
 public:
  Result<std::vector<std::string>> add(std::span<const NewAnomaly> anomalies, Timestamp now) override {
    const std::lock_guard lock(mutex_);
    if (failing) return fail(ErrorCode::io, "the disk is full");
    std::vector<std::string> ids;
    for (const NewAnomaly& anomaly : anomalies) {
      ids.push_back("id" + std::to_string(kept_.size()));
      kept_.push_back(
          {.id = ids.back(), .stored_at = now, .time = now, .analysis = anomaly.analysis, .event = anomaly.event});
    }
    return ids;
  }
  Result<AnomalyPage> list(const AnomalyQuery&) override {
    const std::lock_guard lock(mutex_);
    return AnomalyPage{.data = kept_, .total = kept_.size()};
  }
  Result<std::vector<StoredAnomaly>> walk(const AnomalyWalk&) override { return kept_; }
  Result<std::string> newest_id() override { return std::string(); }
  Result<AnomalyStatistics> statistics(const StatisticsQuery&) override { return AnomalyStatistics{}; }
  Result<StoredAnomaly> get(const std::string&) override { return unknown(); }
  Result<StoredAnomaly> review(const std::string&, const NewReview&, Timestamp) override { return unknown(); }
  Result<void> erase(const std::string&) override { return unknown(); }
  Result<std::size_t> erase_before(Timestamp) override { return std::size_t{0}; }
  Result<void> check() override { return {}; }

  bool failing = false;

 private:
  static tl::unexpected<Error> unknown() { return fail(ErrorCode::not_found, "Anomaly not found"); }

  std::mutex mutex_;
  std::vector<StoredAnomaly> kept_;
};

class Listener final : public LiveSubscriber {
 public:
  explicit Listener(std::optional<double> threshold = std::nullopt) : threshold_(threshold) {}
  [[nodiscard]] std::optional<double> threshold() const override { return threshold_; }
  [[nodiscard]] bool watches(const std::string& source) const override { return source != unwatched; }
  void receive(std::shared_ptr<const std::string> message) override { heard.push_back(*parse_json(*message)); }
  std::vector<boost::json::value> heard;
  std::string unwatched;

 private:
  std::optional<double> threshold_;
};

class CountingTelemetry final : public Telemetry {
 public:
  void request_answered(const RequestMeasure&) override {}
  void events_ingested(const IngestMeasure& measure) override {
    events.accepted += measure.accepted;
    events.rejected += measure.rejected;
    events.duplicates += measure.duplicates;
    events.late += measure.late;
    events.dropped += measure.dropped;
  }
  void window_analysed(const Analysis&, std::chrono::nanoseconds diagram_time) override {
    ++windows;
    homology += diagram_time;
  }
  void store_called(std::string_view, std::chrono::nanoseconds, bool) override {}
  std::string exposition(const ServiceGauges&) override { return {}; }

  IngestMeasure events;
  std::size_t windows = 0;
  std::chrono::nanoseconds homology{0};
};

constexpr Timestamp kNow{std::chrono::microseconds{1'700'000'000'000'000}};

class IngestorTest : public testing::Test {
 protected:
  static EngineOptions engine_options(std::size_t queue_limit) {
    EngineOptions options;
    options.shards = 2;
    options.queue_limit = queue_limit;
    options.pipeline.window = 10;
    options.pipeline.max_dimension = 1;
    return options;
  }
  Result<std::vector<IngestedEvent>> ingest(std::vector<Event> events, IngestOptions options = {}) {
    auto result =
        boost::asio::co_spawn(io_, ingestor_.ingest(std::move(events), std::move(options)), boost::asio::use_future);
    io_.restart();
    io_.run();
    return result.get();
  }
  static std::vector<Event> normal(std::size_t count) {
    std::vector<Event> events(count);
    for (std::size_t i = 0; i < count; ++i) {
      const double x = static_cast<double>(i);
      events[i].stream.source = "s";
      events[i].values = {{"a", std::sin(x) + 0.05 * std::sin(7.3 * x)}, {"b", std::cos(x) + 0.05 * std::cos(9.1 * x)}};
    }
    return events;
  }
  static std::vector<Event> burst(std::size_t count) {
    std::vector<Event> events = normal(count);
    for (Event& event : events) event.values = {{"a", 30.0}, {"b", -30.0}};
    return events;
  }

  boost::asio::io_context io_{1};
  boost::asio::thread_pool pool_{1};
  MemoryStore store_;
  Engine engine_{engine_options(4)};
  LiveHub hub_;
  AnomalyFeed feed_{store_, pool_};
  CountingTelemetry telemetry_;
  Ingestor ingestor_{{.engine = engine_,
                      .store = store_,
                      .storage_pool = pool_,
                      .hub = hub_,
                      .feed = feed_,
                      .telemetry = telemetry_,
                      .clock = [] { return kNow; }}};
};

TEST_F(IngestorTest, ABodyLargerThanTheQueueWaitsForRoom) {
  const auto done = ingest(normal(300));
  ASSERT_TRUE(done) << done.error().message;
  ASSERT_EQ(done->size(), 300U);
  for (std::size_t i = 0; i < 300; ++i) {
    ASSERT_TRUE((*done)[i].live);
    EXPECT_EQ((*done)[i].live->outcome.push.sequence, i);
  }
}

TEST_F(IngestorTest, EventsOfManyStreamsAreToldInTheOrderInWhichTheyCame) {
  constexpr std::size_t kStreams = 5;
  std::vector<Event> events = normal(600);
  for (std::size_t i = 0; i < events.size(); ++i) {
    events[i].stream.source = "s" + std::to_string(i % kStreams);
    events[i].id = std::to_string(i);
    if (i % 37 == 36) events[i].values = {{"unknown", 1.0}};
  }
  Listener listener;
  hub_.join(listener);
  std::vector<std::size_t> heard_before_rejection;
  const auto done = ingest(std::move(events), {.sender = &listener, .rejected = [&](const Error&) {
                                                 heard_before_rejection.push_back(listener.heard.size());
                                               }});
  hub_.leave(listener);
  ASSERT_TRUE(done) << done.error().message;
  ASSERT_EQ(done->size(), 600U);
  std::vector<std::size_t> expected_rejections;
  std::size_t told = 0;
  for (std::size_t i = 0; i < 600; ++i) {
    ASSERT_EQ((*done)[i].live.has_value(), i % 37 != 36) << i;
    if (!(*done)[i].live) {
      expected_rejections.push_back(told);
      continue;
    }
    EXPECT_EQ((*done)[i].live->event.id, std::to_string(i));
    ASSERT_LT(told, listener.heard.size());
    EXPECT_EQ(listener.heard[told].at("original_event").at("id").as_string(), std::to_string(i));
    ++told;
  }
  EXPECT_EQ(told, listener.heard.size());
  EXPECT_EQ(heard_before_rejection, expected_rejections);
}

TEST_F(IngestorTest, OnceAnAnomalyCouldNotBeKeptNoOtherEventIsBegun) {
  ASSERT_TRUE(ingest(normal(200)));
  store_.failing = true;
  std::vector<Event> events = burst(20);
  for (Event& event : normal(5000)) events.push_back(std::move(event));
  const auto failed = ingest(std::move(events));
  ASSERT_FALSE(failed);
  EXPECT_LT(telemetry_.events.accepted, 1000U);
  store_.failing = false;
  EXPECT_TRUE(ingest(normal(1)));
}

TEST_F(IngestorTest, WhatBecomesOfEventsIsMeasured) {
  std::vector<Event> events = normal(20);
  events[3].timestamp = kNow;
  events[4].timestamp = kNow - std::chrono::seconds(1);
  events[5].id = "twice";
  events[6].id = "twice";
  events[7].values = {{"unknown", 1.0}};
  ASSERT_TRUE(ingest(std::move(events)));
  EXPECT_EQ(telemetry_.events.accepted, 19U);
  EXPECT_EQ(telemetry_.events.rejected, 1U);
  EXPECT_EQ(telemetry_.events.duplicates, 1U);
  EXPECT_EQ(telemetry_.events.late, 1U);
  EXPECT_EQ(telemetry_.events.dropped, 0U);
  EXPECT_EQ(telemetry_.windows, 9U);  // windows of 10 over 18 rows
  EXPECT_GT(telemetry_.homology, std::chrono::nanoseconds(0));
}

TEST_F(IngestorTest, AFullQueueRefusesARequestBeforeItsFirstEvent) {
  std::promise<void> entered;
  std::promise<void> gate;
  const auto hold = gate.get_future().share();
  const Event event = normal(1).front();
  ASSERT_TRUE(engine_.submit(event, [&](const Result<EngineOutcome>&) {
    entered.set_value();
    hold.wait();
  }));
  entered.get_future().wait();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(engine_.submit(event, [](const Result<EngineOutcome>&) {}));
  std::promise<void> drained;
  ASSERT_TRUE(engine_.submit(event, [&](const Result<EngineOutcome>&) { drained.set_value(); }));
  const auto refused = ingest(normal(3));
  gate.set_value();
  drained.get_future().wait();
  ASSERT_FALSE(refused);
  EXPECT_EQ(telemetry_.events.dropped, 3U);
  EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
  EXPECT_TRUE(ingest(normal(3)));
}

TEST_F(IngestorTest, AnomaliesAreStoredAndToldWithTheirId) {
  Listener plain;
  Listener strict(0.0);
  hub_.join(plain);
  hub_.join(strict);
  ASSERT_TRUE(ingest(normal(200)));
  plain.heard.clear();
  strict.heard.clear();
  const std::size_t before = store_.list({})->total;
  const auto done = ingest(burst(8));
  ASSERT_TRUE(done) << done.error().message;
  const std::size_t added = store_.list({})->total - before;
  ASSERT_GT(added, 0U);
  std::size_t anomalies = 0;
  for (std::size_t i = 0; i < done->size(); ++i) {
    const LiveAnalysis& live = *(*done)[i].live;
    ASSERT_TRUE(live.outcome.push.analysis);
    EXPECT_EQ(live.outcome.push.analysis->timestamp, kNow) << "an event without a time happened when it came";
    EXPECT_EQ(live.outcome.push.analysis->is_anomaly, !live.anomaly_id.empty());
    anomalies += live.anomaly_id.empty() ? 0 : 1;
    const auto& data = plain.heard.at(i).at("data").as_object();
    EXPECT_EQ(data.contains("anomaly_id"), !live.anomaly_id.empty());
    EXPECT_TRUE(strict.heard.at(i).at("data").at("is_anomaly").as_bool()) << "in its own view alone";
  }
  EXPECT_EQ(anomalies, added);
  hub_.leave(plain);
  hub_.leave(strict);
}

TEST_F(IngestorTest, AStoreThatFailsIsSaid) {
  ASSERT_TRUE(ingest(normal(200)));
  store_.failing = true;
  const auto done = ingest(burst(8));
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("could not be stored: the disk is full"));
}

TEST_F(IngestorTest, WhatIsNoNewsIsForTheSenderAlone) {
  Listener sender;
  Listener other;
  hub_.join(sender);
  hub_.join(other);
  std::vector<Event> twice = normal(1);
  twice[0].id = "e";
  twice.push_back(twice[0]);
  ASSERT_TRUE(ingest(twice, {.sender = &sender, .wait_for_room = false}));
  ASSERT_EQ(sender.heard.size(), 2U);
  EXPECT_EQ(sender.heard[1].at("data").at("status").as_string(), "duplicate");
  ASSERT_EQ(other.heard.size(), 1U);
  EXPECT_EQ(other.heard[0].at("data").at("status").as_string(), "buffering");
  hub_.leave(sender);
  hub_.leave(other);
}

}  // namespace
}  // namespace topoforge::api
