// What every store of anomalies does, run against each of them.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "topoforge/adapters/sqlite/sqlite_anomaly_store.hpp"
#include "topoforge/ports/anomaly_store.hpp"

namespace topoforge {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

/// A store of its own for one test, which open() opens again with what was kept.
struct StoreUnderTest {
  std::string name;
  std::function<Result<std::unique_ptr<AnomalyStore>>(const std::filesystem::path& folder)> open;
};

class AnomalyStoreContract : public testing::TestWithParam<StoreUnderTest> {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "topoforge-store-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    reopen();
  }
  void TearDown() override {
    store_.reset();
    std::filesystem::remove_all(folder_);
  }
  void reopen() {
    store_.reset();
    auto opened = GetParam().open(folder_);
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = std::move(*opened);
  }
  [[nodiscard]] std::vector<std::uint64_t> listed(const AnomalyQuery& query) const {
    const auto page = store_->list(query);
    EXPECT_TRUE(page) << page.error().message;
    std::vector<std::uint64_t> sequences;
    for (const StoredAnomaly& anomaly : page->data) sequences.push_back(anomaly.analysis.sequence);
    return sequences;
  }

  std::filesystem::path folder_;
  std::unique_ptr<AnomalyStore> store_;
};

constexpr Timestamp kNow{std::chrono::microseconds{1'700'000'000'000'001}};

NewAnomaly anomaly_of(std::uint64_t sequence, const std::string& source, double score) {
  NewAnomaly anomaly;
  anomaly.analysis.sequence = sequence;
  anomaly.analysis.stream = {source, "entity"};
  anomaly.analysis.timestamp = kNow - std::chrono::seconds{5};
  anomaly.analysis.anomaly_score = score;
  anomaly.analysis.is_anomaly = true;
  anomaly.analysis.risk_level = risk_level(score);
  anomaly.analysis.explanation = "because of \"quotes\", ünïcode and 'apostrophes'; DROP TABLE anomalies";
  anomaly.event = {.stream = {source, "entity"},
                   .timestamp = kNow - std::chrono::seconds{5},
                   .values = {{"cpu", 0.1 + 0.2}, {"net", -1e150}},
                   .attributes = {{"user", "x"}},
                   .id = "e" + std::to_string(sequence)};
  return anomaly;
}

TEST_P(AnomalyStoreContract, GivesBackWhatWasAdded) {
  const NewAnomaly added = anomaly_of(7, "web", 0.9);
  const auto ids = store_->add(std::vector{added}, kNow);
  ASSERT_TRUE(ids) << ids.error().message;
  ASSERT_THAT(*ids, SizeIs(1));
  reopen();
  const auto got = store_->get(ids->front());
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->id, ids->front());
  EXPECT_EQ(got->stored_at, kNow);
  EXPECT_EQ(got->event, added.event);
  EXPECT_EQ(got->analysis.sequence, 7U);
  EXPECT_EQ(got->analysis.stream, added.analysis.stream);
  EXPECT_EQ(got->analysis.timestamp, added.analysis.timestamp);
  EXPECT_EQ(got->analysis.anomaly_score, 0.9);
  EXPECT_EQ(got->analysis.explanation, added.analysis.explanation);
}

TEST_P(AnomalyStoreContract, IdsSortInTheOrderOfInsertion) {
  std::vector<std::string> ids;
  for (std::uint64_t i = 0; i < 40; ++i) {
    // The clock goes backwards, as clocks do; the order of insertion does not.
    const auto added = store_->add(std::vector{anomaly_of(i, "web", 0.6)}, kNow - std::chrono::seconds{i});
    ASSERT_TRUE(added);
    ids.push_back(added->front());
  }
  EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end()));
  EXPECT_EQ(std::adjacent_find(ids.begin(), ids.end()), ids.end());
  reopen();
  const auto later = store_->add(std::vector{anomaly_of(40, "web", 0.6)}, kNow);
  ASSERT_TRUE(later);
  EXPECT_GT(later->front(), ids.back());
  EXPECT_EQ(later->front().size(), ids.back().size());
}

TEST_P(AnomalyStoreContract, ListsTheNewestFirstPageByPage) {
  std::vector<NewAnomaly> batch;
  for (std::uint64_t i = 0; i < 5; ++i) batch.push_back(anomaly_of(i, "web", 0.6));
  const auto ids = store_->add(batch, kNow);
  ASSERT_TRUE(ids);
  EXPECT_THAT(*ids, SizeIs(5));
  EXPECT_THAT(listed({.page = 1, .limit = 2}), ElementsAre(4, 3));
  EXPECT_THAT(listed({.page = 2, .limit = 2}), ElementsAre(2, 1));
  EXPECT_THAT(listed({.page = 3, .limit = 2}), ElementsAre(0));
  EXPECT_THAT(listed({.page = 4, .limit = 2}), IsEmpty());
  EXPECT_THAT(listed({.page = kMaxAnomalyPage, .limit = kMaxAnomalyLimit}), IsEmpty());
  EXPECT_EQ(store_->list({.page = 4, .limit = 2})->total, 5U);
}

TEST_P(AnomalyStoreContract, FiltersBySourceAndScore) {
  ASSERT_TRUE(store_->add(std::vector{anomaly_of(0, "web", 0.6), anomaly_of(1, "db", 0.7), anomaly_of(2, "web", 0.95),
                                      anomaly_of(3, "it's", 0.8)},
                          kNow));
  EXPECT_THAT(listed({.source = "web"}), ElementsAre(2, 0));
  EXPECT_THAT(listed({.source = "it's"}), ElementsAre(3));
  EXPECT_THAT(listed({.source = "' OR 1=1 --"}), IsEmpty());
  EXPECT_THAT(listed({.min_score = 0.7}), ElementsAre(3, 2, 1)) << "the bound itself belongs to it";
  EXPECT_THAT(listed({.source = "web", .min_score = 0.7}), ElementsAre(2));
  EXPECT_EQ(store_->list({.source = "web"})->total, 2U);
}

TEST_P(AnomalyStoreContract, AnEmptyBatchAddsNothing) {
  const auto ids = store_->add({}, kNow);
  ASSERT_TRUE(ids);
  EXPECT_THAT(*ids, IsEmpty());
  EXPECT_EQ(store_->list({})->total, 0U);
}

TEST_P(AnomalyStoreContract, AnUnknownIdIsNotFound) {
  for (const char* id : {"", "0", "zzz", "00000000000000ff", "0000000000000001 ", "-000000000000001", "%00"}) {
    const auto got = store_->get(id);
    ASSERT_FALSE(got) << id;
    EXPECT_EQ(got.error().code, ErrorCode::not_found) << id;
  }
}

TEST_P(AnomalyStoreContract, RefusesAPageOrLimitOutsideItsRange) {
  for (const AnomalyQuery& query : {AnomalyQuery{.page = 0}, AnomalyQuery{.page = kMaxAnomalyPage + 1},
                                    AnomalyQuery{.limit = 0}, AnomalyQuery{.limit = kMaxAnomalyLimit + 1}}) {
    const auto page = store_->list(query);
    ASSERT_FALSE(page);
    EXPECT_EQ(page.error().code, ErrorCode::invalid_argument);
  }
}

TEST_P(AnomalyStoreContract, TakesCallsFromManyThreads) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([this, t] {
      for (std::uint64_t i = 0; i < 8; ++i) {
        EXPECT_TRUE(store_->add(std::vector{anomaly_of(i, "t" + std::to_string(t), 0.6)}, kNow));
        EXPECT_TRUE(store_->list({.limit = 3}));
        EXPECT_TRUE(store_->check());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(store_->list({})->total, 24U);
  EXPECT_THAT(listed({.source = "t1"}), ElementsAre(7, 6, 5, 4, 3, 2, 1, 0));
}

TEST_P(AnomalyStoreContract, TwoOpenStoresSeeEachOther) {
  const auto second = GetParam().open(folder_);
  ASSERT_TRUE(second) << second.error().message;
  ASSERT_TRUE(store_->add(std::vector{anomaly_of(1, "web", 0.6)}, kNow));
  ASSERT_TRUE((*second)->add(std::vector{anomaly_of(2, "web", 0.6)}, kNow));
  EXPECT_THAT(listed({}), ElementsAre(2, 1));
  EXPECT_EQ((*second)->list({})->total, 2U);
}

INSTANTIATE_TEST_SUITE_P(Stores, AnomalyStoreContract,
                         testing::Values(StoreUnderTest{
                             "Sqlite",
                             [](const std::filesystem::path& folder) -> Result<std::unique_ptr<AnomalyStore>> {
                               return SqliteAnomalyStore::open(folder / "topoforge.db");
                             }}),
                         [](const auto& instance) { return instance.param.name; });

}  // namespace
}  // namespace topoforge
