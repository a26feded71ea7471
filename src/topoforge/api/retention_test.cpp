#include "topoforge/api/retention.hpp"

#include <algorithm>
#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

namespace topoforge::api {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp kNow{std::chrono::microseconds{1'700'000'000'000'000}};

tl::unexpected<Error> not_asked() { return fail(ErrorCode::not_found, "nothing else is asked"); }

/// Has so many anomalies that are too old, and knows what it was asked. The task asks once at a time.
class OldAnomalies final : public AnomalyStore {
 public:
  Result<std::size_t> erase_before(Timestamp time) override {
    asked.push_back(time);
    if (failures > 0) {
      --failures;
      return fail(ErrorCode::unavailable, "the database is locked");
    }
    const std::size_t batch = std::min(old, kMaxAnomalyLimit);
    old -= batch;
    return batch;
  }
  Result<std::vector<std::string>> add(std::span<const NewAnomaly>, Timestamp) override { return not_asked(); }
  Result<AnomalyPage> list(const AnomalyQuery&) override { return not_asked(); }
  Result<std::vector<StoredAnomaly>> walk(const AnomalyWalk&) override { return not_asked(); }
  Result<std::string> newest_id() override { return not_asked(); }
  Result<AnomalyStatistics> statistics(const StatisticsQuery&) override { return not_asked(); }
  Result<StoredAnomaly> get(const std::string&) override { return not_asked(); }
  Result<StoredAnomaly> review(const std::string&, const NewReview&, Timestamp) override { return not_asked(); }
  Result<void> erase(const std::string&) override { return not_asked(); }
  Result<void> check() override { return {}; }

  std::size_t old = 0;
  int failures = 0;
  std::vector<Timestamp> asked;
};

/// Calls back when it is asked for what has expired.
template <class T>
class ExpiringRecords final : public Records<T> {
 public:
  Result<std::size_t> erase_expired(Timestamp now) override {
    EXPECT_EQ(now, kNow);
    ++rounds;
    if (on_round) on_round();
    return std::size_t{1};
  }
  Result<T> insert(T) override { return not_asked(); }
  Result<T> get(const std::string&) override { return not_asked(); }
  Result<std::optional<T>> find(std::string_view, const std::string&) override { return not_asked(); }
  Result<RecordPage<T>> list(const RecordQuery&) override { return not_asked(); }
  Result<T> replace(T) override { return not_asked(); }
  Result<void> erase(const std::string&) override { return not_asked(); }
  Result<std::size_t> erase_all(std::string_view, const std::string&) override { return not_asked(); }

  std::atomic<int> rounds = 0;
  std::function<void()> on_round;
};

class RetentionTest : public testing::Test {
 protected:
  /// Until so many rounds are done.
  void run(std::chrono::days keep, int rounds, std::chrono::milliseconds period) {
    tokens_.on_round = [this, rounds] {
      if (tokens_.rounds == rounds) boost::asio::post(io_, [this] { stop_.request_stop(); });
    };
    bool ended = false;
    boost::asio::co_spawn(io_,
                          erase_outdated({.store = store_,
                                          .sessions = sessions_,
                                          .tokens = tokens_,
                                          .storage_pool = pool_,
                                          .clock = [] { return kNow; },
                                          .keep = keep,
                                          .period = period},
                                         stop_.get_token()),
                          [&ended](const std::exception_ptr& failure) { ended = !failure; });
    io_.run();
    EXPECT_TRUE(ended);
  }

  boost::asio::io_context io_{1};
  boost::asio::thread_pool pool_{1};
  std::stop_source stop_;
  OldAnomalies store_;
  ExpiringRecords<Session> sessions_;
  ExpiringRecords<OneTimeToken> tokens_;
};

TEST_F(RetentionTest, OldAnomaliesGoInBatchesUntilNoneIsLeft) {
  store_.old = 2500;
  run(std::chrono::days(30), 1, 1h);
  EXPECT_EQ(store_.old, 0U);
  EXPECT_EQ(store_.asked, std::vector<Timestamp>(3, kNow - std::chrono::days(30)));
}

TEST_F(RetentionTest, WhatHasExpiredGoesEachPeriodAndAnomaliesAreKeptUnlessAsked) {
  store_.old = 10;
  run(std::chrono::days(0), 3, 1ms);
  EXPECT_EQ(sessions_.rounds, 3);
  EXPECT_TRUE(store_.asked.empty());
}

TEST_F(RetentionTest, AnErrorEndsTheRoundAndNotTheTask) {
  store_.old = 10;
  store_.failures = 1;
  run(std::chrono::days(1), 2, 1ms);
  EXPECT_EQ(store_.old, 0U);
  EXPECT_EQ(store_.asked.size(), 2U);
}

TEST_F(RetentionTest, AStopEndsTheWaitForTheNextPeriodAtOnce) {
  const auto begin = std::chrono::steady_clock::now();
  run(std::chrono::days(1), 1, 1h);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 1min);
}

TEST_F(RetentionTest, OneThatIsStoppedBeforeItBeginsAsksNothing) {
  stop_.request_stop();
  run(std::chrono::days(1), 1, 1h);
  EXPECT_TRUE(store_.asked.empty());
  EXPECT_EQ(tokens_.rounds, 0);
}

}  // namespace
}  // namespace topoforge::api
