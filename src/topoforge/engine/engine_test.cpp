#include "topoforge/engine/engine.hpp"

#include <cmath>
#include <future>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace topoforge {
namespace {

PipelineOptions small_pipeline() {
  PipelineOptions options;
  options.window = 10;
  return options;
}

Event event_of(const std::string& source, double value, std::string id = {}) {
  return {.stream = {source, ""},
          .timestamp = {},
          .values = {{"x", value}, {"y", std::sin(value)}},
          .attributes = {},
          .id = std::move(id)};
}

/// Sequence numbers and scores of each stream, in the order of the callbacks.
using Record = std::map<std::string, std::vector<std::pair<std::uint64_t, double>>>;

Record run_engine(std::size_t shards, std::size_t streams, std::size_t events) {
  Record record;
  std::mutex mutex;
  Engine engine({.pipeline = small_pipeline(), .shards = shards, .queue_limit = streams * events, .max_streams = 64});
  std::mt19937_64 random(7);
  std::normal_distribution<double> normal;
  for (std::size_t i = 0; i < events; ++i) {
    for (std::size_t s = 0; s < streams; ++s) {
      const std::string source = "s" + std::to_string(s);
      const auto submitted =
          engine.submit(event_of(source, normal(random)), [&, source](Result<EngineOutcome> outcome) {
            ASSERT_TRUE(outcome) << outcome.error().message;
            const double score = outcome->push.analysis ? outcome->push.analysis->anomaly_score : -1.0;
            const std::lock_guard lock(mutex);
            record[source].emplace_back(outcome->push.sequence, score);
          });
      EXPECT_TRUE(submitted);
    }
  }
  engine.stop();
  return record;
}

TEST(Engine, GivesTheSameResultsAtAnyShardCount) {
  const Record one = run_engine(1, 5, 30);
  ASSERT_EQ(one.size(), 5U);
  for (const auto& [source, results] : one) {
    ASSERT_EQ(results.size(), 30U) << source;
    for (std::size_t i = 0; i < results.size(); ++i) EXPECT_EQ(results[i].first, i) << "order of " << source;
    EXPECT_GE(results.back().second, 0.0) << "the window is full, so there is an analysis";
  }
  EXPECT_EQ(run_engine(2, 5, 30), one);
  EXPECT_EQ(run_engine(7, 5, 30), one);
}

TEST(Engine, RefusesWhenTheQueueIsFullAndServesAgainAfter) {
  Engine engine({.pipeline = small_pipeline(), .shards = 1, .queue_limit = 3, .max_streams = 4});
  std::promise<void> entered;
  std::promise<void> gate;
  std::size_t served = 0;
  const auto count = [&](const Result<EngineOutcome>&) { ++served; };
  ASSERT_TRUE(engine.submit(event_of("a", 0), [&](const Result<EngineOutcome>&) {
    ++served;
    entered.set_value();
    gate.get_future().wait();
  }));
  entered.get_future().wait();
  for (int i = 1; i <= 3; ++i) ASSERT_TRUE(engine.submit(event_of("a", i), count));
  const auto refused = engine.submit(event_of("a", 4), count);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
  EXPECT_EQ(engine.status().queue_depth, 3U);
  gate.set_value();
  engine.stop();
  EXPECT_EQ(served, 4U) << "what was accepted is worked off";
  EXPECT_FALSE(engine.submit(event_of("a", 5), count)) << "a stopped engine takes nothing";
}

TEST(Engine, LetsTheLeastRecentlyUsedStreamGo) {
  Engine engine({.pipeline = small_pipeline(), .shards = 1, .queue_limit = 100, .max_streams = 2});
  std::vector<std::uint64_t> sequences;
  const auto note = [&](Result<EngineOutcome> outcome) { sequences.push_back(outcome.value().push.sequence); };
  for (const char* source : {"a", "b", "a", "c", "a", "b"}) ASSERT_TRUE(engine.submit(event_of(source, 1), note));
  engine.stop();
  EXPECT_THAT(sequences, testing::ElementsAre(0, 0, 1, 0, 2, 0)) << "b was let go for c and starts anew";
  EXPECT_EQ(engine.status().evicted, 2U);
  EXPECT_EQ(engine.status().streams, 2U);
}

TEST(Engine, ARefusedEventLeavesNoStreamBehind) {
  Engine engine({.pipeline = small_pipeline(), .shards = 1, .queue_limit = 8, .max_streams = 2});
  std::vector<ErrorCode> codes;
  Event empty = event_of("a", 1);
  empty.values.clear();
  ASSERT_TRUE(engine.submit(empty, [&](Result<EngineOutcome> outcome) {
    ASSERT_FALSE(outcome);
    codes.push_back(outcome.error().code);
  }));
  engine.stop();
  EXPECT_THAT(codes, testing::ElementsAre(ErrorCode::invalid_data));
  EXPECT_EQ(engine.status().streams, 0U);
  EXPECT_EQ(engine.status().processed, 1U);
}

TEST(Engine, TakesEventsFromManyThreads) {
  Engine engine({.pipeline = small_pipeline(), .shards = 3, .queue_limit = 1000, .max_streams = 16});
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&engine, t] {
      for (int i = 0; i < 50; ++i) {
        EXPECT_TRUE(engine.submit(event_of("t" + std::to_string(t), i), [](const Result<EngineOutcome>&) {}));
        EXPECT_LE(engine.status().streams, 4U);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  engine.stop();
  EXPECT_EQ(engine.status().processed, 200U);
}

TEST(Engine, OptionsOutsideTheirRangeAreNamed) {
  const EngineOptions good{.pipeline = small_pipeline()};
  EXPECT_TRUE(validate(good));
  EngineOptions bad = good;
  bad.shards = kMaxShards + 1;
  EXPECT_THAT(validate(bad).error().message, testing::HasSubstr("threads 257"));
  bad = good;
  bad.pipeline.window = 1;
  EXPECT_THAT(validate(bad).error().message, testing::HasSubstr("window"));
}

/// The outcome of an event, once it is there.
EngineOutcome submitted(Engine& engine, Event event) {
  std::promise<EngineOutcome> outcome;
  EXPECT_TRUE(engine.submit(std::move(event), [&](Result<EngineOutcome> given) { outcome.set_value(*given); }));
  return outcome.get_future().get();
}

std::vector<StreamProfile> profile_of(Engine& engine, const std::vector<std::string>& sources) {
  std::promise<std::vector<StreamProfile>> profile;
  EXPECT_TRUE(engine.profile(sources, [&](std::vector<StreamProfile> given) { profile.set_value(std::move(given)); }));
  return profile.get_future().get();
}

TEST(Engine, LooksAtASourceAsItsSettingsSay) {
  Engine engine({.pipeline = small_pipeline(), .shards = 3});
  for (int i = 0; i < 12; ++i) submitted(engine, event_of("set", i));
  PipelineOptions own = small_pipeline();
  own.window = 5;
  own.channels = {"x"};
  engine.configure({"set", "other"}, StreamSettings{.detector = "mine", .pipeline = own});
  for (int i = 0; i < 4; ++i) EXPECT_FALSE(submitted(engine, event_of("set", i)).push.analysis) << "it began anew";
  const EngineOutcome fifth = submitted(engine, event_of("set", 4));
  ASSERT_TRUE(fifth.push.analysis);
  EXPECT_EQ(fifth.push.analysis->window_size, 5U);
  EXPECT_EQ(fifth.push.analysis->detector, "mine");
  EXPECT_FALSE(submitted(engine, event_of("default", 1)).push.analysis);

  const auto profiles = profile_of(engine, {"set", "other"});
  ASSERT_EQ(profiles.size(), 1U);
  EXPECT_EQ(profiles[0].stream.source, "set");
  EXPECT_THAT(profiles[0].channels, testing::ElementsAre("x"));
  EXPECT_EQ(profiles[0].events, 5U);
  EXPECT_EQ(profiles[0].windows, 1U);
  EXPECT_EQ(profiles[0].events_until_verdict, 0U);
  EXPECT_GT(profiles[0].memory_bytes, 0U);

  engine.configure({"set"}, std::nullopt);
  EXPECT_TRUE(profile_of(engine, {"set"}).empty());
  EXPECT_EQ(submitted(engine, event_of("set", 1)).push.events_until_verdict, 9U);
}

TEST(Engine, TheThresholdIsThatOfStreamsWithoutSettings) {
  Engine engine({.pipeline = small_pipeline(), .shards = 2});
  PipelineOptions own = small_pipeline();
  own.threshold = 0.7;
  engine.configure({"own"}, StreamSettings{.detector = "mine", .pipeline = own});
  for (int i = 0; i < 10; ++i) {
    submitted(engine, event_of("before", i));
    submitted(engine, event_of("own", i));
  }
  engine.set_threshold(0.9);
  EXPECT_EQ(submitted(engine, event_of("before", 1)).push.analysis->threshold, 0.9);
  EXPECT_EQ(submitted(engine, event_of("own", 1)).push.analysis->threshold, 0.7);
  for (int i = 0; i < 9; ++i) submitted(engine, event_of("after", i));
  EXPECT_EQ(submitted(engine, event_of("after", 1)).push.analysis->threshold, 0.9);
}

TEST(Engine, AProfileIsRefusedWhenItStops) {
  Engine engine({.pipeline = small_pipeline(), .shards = 2});
  engine.stop();
  EXPECT_FALSE(engine.profile({"s"}, [](const std::vector<StreamProfile>&) { FAIL() << "it was refused"; }));
}

}  // namespace
}  // namespace topoforge
