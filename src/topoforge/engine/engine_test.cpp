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

}  // namespace
}  // namespace topoforge
