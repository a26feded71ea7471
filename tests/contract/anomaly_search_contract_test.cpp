// What every store of anomalies finds and counts.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

#include "contract/anomaly_store_contract.hpp"
#include "contract/naive_anomaly_store.hpp"
#include "topoforge/base/random.hpp"

namespace topoforge {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using testing::ElementsAre;
using testing::IsEmpty;

TEST_P(AnomalyStoreContract, FiltersBySourceAndScore) {
  ASSERT_TRUE(store_->add(std::vector{anomaly_of(0, "web", 0.6), anomaly_of(1, "db", 0.7), anomaly_of(2, "web", 0.95),
                                      anomaly_of(3, "it's", 0.8)},
                          kNow));
  EXPECT_THAT(listed({.filter = {.source = "web"}}), ElementsAre(2, 0));
  EXPECT_THAT(listed({.filter = {.source = "it's"}}), ElementsAre(3));
  EXPECT_THAT(listed({.filter = {.source = "' OR 1=1 --"}}), IsEmpty());
  EXPECT_THAT(listed({.filter = {.source = ""}}), IsEmpty());
  EXPECT_THAT(listed({.filter = {.min_score = 0.7}}), ElementsAre(3, 2, 1)) << "the bound itself belongs to it";
  EXPECT_THAT(listed({.filter = {.source = "web", .min_score = 0.7}}), ElementsAre(2));
  EXPECT_EQ(store_->list({.filter = {.source = "web"}})->total, 2U);
}

TEST_P(AnomalyStoreContract, FiltersByTheHalfOpenRangeOfTime) {
  for (std::uint64_t i = 0; i < 4; ++i) {
    NewAnomaly anomaly = anomaly_of(i, "web", 0.6);
    anomaly.analysis.timestamp = kNow + microseconds{i};
    if (i == 3) anomaly.analysis.timestamp.reset();
    add(anomaly, kNow + microseconds{3});
  }
  EXPECT_THAT(listed({.filter = {.start = kNow + microseconds{1}}}), ElementsAre(3, 2, 1));
  EXPECT_THAT(listed({.filter = {.end = kNow + microseconds{1}}}), ElementsAre(0));
  EXPECT_THAT(listed({.filter = {.start = kNow + microseconds{1}, .end = kNow + microseconds{3}}}), ElementsAre(2, 1));
  EXPECT_THAT(listed({.filter = {.start = kNow, .end = kNow}}), IsEmpty());
}

TEST_P(AnomalyStoreContract, FiltersByEntityRiskAndVerdict) {
  NewAnomaly other = anomaly_of(1, "web", 0.9);
  other.analysis.stream.entity = "";
  NewAnomaly normal = anomaly_of(2, "web", 0.3);
  normal.analysis.is_anomaly = false;
  ASSERT_TRUE(store_->add(std::vector{anomaly_of(0, "web", 0.6), other, normal}, kNow));
  EXPECT_THAT(listed({.filter = {.entity = "entity"}}), ElementsAre(2, 0));
  EXPECT_THAT(listed({.filter = {.entity = ""}}), ElementsAre(1));
  EXPECT_THAT(listed({.filter = {.risk_level = RiskLevel::critical}}), ElementsAre(1));
  EXPECT_THAT(listed({.filter = {.risk_level = RiskLevel::low}}), IsEmpty());
  EXPECT_THAT(listed({.filter = {.is_anomaly = false}}), ElementsAre(2));
  EXPECT_THAT(listed({.filter = {.is_anomaly = true}}), ElementsAre(1, 0));
}

TEST_P(AnomalyStoreContract, FiltersByTheWholeIdOfATechnique) {
  ASSERT_TRUE(store_->add(std::vector{with_techniques(anomaly_of(0, "web", 0.6), {"T1071", "T1048", "T1071"}),
                                      with_techniques(anomaly_of(1, "web", 0.6), {"T1071.001"}),
                                      with_techniques(anomaly_of(2, "db", 0.6), {"T1048"})},
                          kNow));
  EXPECT_THAT(listed({.filter = {.technique = "T1071"}}), ElementsAre(0));
  EXPECT_THAT(listed({.filter = {.technique = "T1071.001"}}), ElementsAre(1));
  EXPECT_THAT(listed({.filter = {.technique = "T1048"}}), ElementsAre(2, 0));
  EXPECT_THAT(listed({.filter = {.source = "db", .technique = "T1048"}}), ElementsAre(2));
  EXPECT_THAT(listed({.filter = {.technique = "T1048 T1071"}}), IsEmpty());
  EXPECT_THAT(listed({.filter = {.technique = ""}}), IsEmpty());
}

TEST_P(AnomalyStoreContract, StatisticsOfNothingAreZero) {
  const auto statistics = store_->statistics({});
  ASSERT_TRUE(statistics) << statistics.error().message;
  EXPECT_EQ(statistics->total, 0U);
  EXPECT_EQ(statistics->by_risk_level, RiskCounts{});
  EXPECT_THAT(statistics->by_source, IsEmpty());
  EXPECT_THAT(statistics->over_time, IsEmpty());
  const auto refused = store_->statistics({.start = kNow, .end = kNow - hours{1}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument);
}

TEST_P(AnomalyStoreContract, StatisticsCountAnomaliesByTheirKinds) {
  NewAnomaly normal = anomaly_of(3, "quiet", 0.1);
  normal.analysis.is_anomaly = false;
  const auto ids =
      store_->add(std::vector{with_techniques(anomaly_of(0, "web", 0.6), {"T1071", "T1048"}),
                              with_techniques(anomaly_of(1, "db", 0.9), {"T1048"}), anomaly_of(2, "web", 0.9), normal},
                  kNow);
  ASSERT_TRUE(ids);
  ASSERT_TRUE(store_->review(ids->at(0), {.label = AnomalyLabel::true_positive}, kNow));
  ASSERT_TRUE(store_->review(ids->at(1), {.label = AnomalyLabel::false_positive}, kNow));
  ASSERT_TRUE(store_->review(ids->at(1), {.label = AnomalyLabel::none}, kNow));
  const auto statistics = store_->statistics({});
  ASSERT_TRUE(statistics) << statistics.error().message;
  EXPECT_EQ(statistics->total, 4U);
  EXPECT_EQ(statistics->anomalies, 3U);
  EXPECT_THAT(statistics->by_risk_level, ElementsAre(0, 0, 1, 2));
  EXPECT_THAT(statistics->by_source, ElementsAre(NamedCount{"web", 2}, NamedCount{"db", 1}));
  EXPECT_THAT(statistics->by_technique, ElementsAre(NamedCount{"T1048", 2}, NamedCount{"T1071", 1}));
  EXPECT_EQ(statistics->acknowledged, 2U);
  EXPECT_EQ(statistics->true_positives, 1U);
  EXPECT_EQ(statistics->false_positives, 0U);
  EXPECT_EQ(statistics->bucket, StatisticsBucket::day);
  ASSERT_EQ(statistics->over_time.size(), 1U);
  EXPECT_EQ(statistics->over_time[0].start, std::chrono::floor<std::chrono::days>(kNow));
  EXPECT_THAT(statistics->over_time[0].anomalies, ElementsAre(0, 0, 1, 2));
  EXPECT_EQ(store_->statistics({.start = kNow - hours{1}, .end = kNow})->bucket, StatisticsBucket::hour);
}

TEST_P(AnomalyStoreContract, StatisticsNameTheGreatestAndTheNewest) {
  std::vector<NewAnomaly> batch;
  for (std::size_t i = 0; i < kMaxStatisticsNames + 5; ++i) {
    NewAnomaly anomaly = anomaly_of(i, "s" + std::to_string(10'000 + i), 0.9);
    anomaly.analysis.timestamp = Timestamp{hours{24 * i}};
    batch.push_back(anomaly);
  }
  batch.push_back(batch.back());
  ASSERT_TRUE(store_->add(batch, kNow));
  const auto statistics = store_->statistics({});
  ASSERT_TRUE(statistics) << statistics.error().message;
  ASSERT_EQ(statistics->by_source.size(), kMaxStatisticsNames);
  EXPECT_EQ(statistics->by_source[0], (NamedCount{"s11004", 2}));
  EXPECT_EQ(statistics->by_source[1].name, "s10000");
  EXPECT_EQ(statistics->other_sources, 5U);
  ASSERT_EQ(statistics->over_time.size(), kMaxStatisticsBuckets);
  EXPECT_TRUE(statistics->over_time_is_cut);
  EXPECT_EQ(statistics->over_time.front().start, Timestamp{hours{24 * 5}});
  EXPECT_EQ(statistics->over_time.back().start, Timestamp{hours{24 * (kMaxStatisticsNames + 4)}});
}

/// A store and the naive one, which are told the same.
class RandomOperations {
 public:
  RandomOperations(AnomalyStore& store, std::uint64_t seed) : store_(store), random_(seed) {}

  void change() {
    switch (random_.below(6)) {
      case 0:
      case 1:
      case 2: return add(1 + random_.below(12));
      case 3: return review();
      case 4: return erase();
      default: return erase_before();
    }
  }

  void add(std::size_t count) {
    std::vector<NewAnomaly> batch(count);
    for (NewAnomaly& anomaly : batch) {
      anomaly = anomaly_of(random_.next() >> 1U, random_source(), random_score());
      anomaly.analysis.stream.entity = random_entity();
      anomaly.analysis.is_anomaly = random_.below(8) != 0;
      anomaly.analysis.timestamp = random_time();
      if (random_.below(5) == 0) anomaly.analysis.timestamp.reset();
      for (std::size_t i = random_.below(3); i > 0; --i) anomaly = with_techniques(anomaly, {random_technique()});
    }
    const Timestamp now = random_time();
    const auto ids = store_.add(batch, now);
    ASSERT_TRUE(ids) << ids.error().message;
    naive_.add(batch, *ids, now);
  }

  void compare(std::size_t max_limit) {
    const AnomalyFilter filter = random_filter();
    const std::vector<std::string> wanted = naive_.find(filter);
    const std::size_t limit = max_limit - random_.below(std::min<std::size_t>(max_limit, 7));
    compare_cursors(filter, limit, wanted);
    compare_page(filter, limit, wanted);
    compare_walk(filter, limit, wanted);
    compare_statistics({.start = filter.start,
                        .end = filter.end,
                        .bucket = random_.below(2) == 0 ? StatisticsBucket::hour : StatisticsBucket::day});
  }

 private:
  /// Most in one crowded hour; others all over the years, some before 1970.
  Timestamp random_time() {
    const auto within = [&](std::int64_t span) {
      return microseconds{static_cast<std::int64_t>(random_.uniform() * static_cast<double>(span))};
    };
    switch (random_.below(5)) {
      case 0: return kNow + within(3'600'000'000);
      case 1: return Timestamp{std::chrono::floor<hours>(kNow)} + hours{random_.below(100)};
      case 2: return kNow + within(90 * 86'400'000'000);
      case 3: return Timestamp{microseconds{0}} - within(40 * 86'400'000'000);
      default: return kNow + within(60'000'000);
    }
  }
  template <class T>
  T one_of(const std::vector<T>& choices) {
    return choices.at(random_.below(choices.size()));
  }
  std::string random_source() { return one_of<std::string>({"web", "db", "", "it's", "web "}); }
  std::string random_entity() { return one_of<std::string>({"", "a", "b"}); }
  std::string random_technique() { return one_of<std::string>({"T1071", "T1071.001", "T1048", "T1499"}); }
  double random_score() { return static_cast<double>(random_.below(21)) / 20.0; }

  AnomalyFilter random_filter() {
    AnomalyFilter filter;
    if (random_.below(3) == 0) filter.start = random_time();
    if (random_.below(3) == 0) filter.end = random_time();
    if (filter.start && filter.end && *filter.end < *filter.start) std::swap(filter.start, filter.end);
    if (random_.below(4) == 0) filter.source = random_source();
    if (random_.below(4) == 0) filter.entity = random_entity();
    if (random_.below(4) == 0) filter.is_anomaly = random_.below(3) != 0;
    if (random_.below(4) == 0) filter.min_score = random_score();
    if (random_.below(4) == 0) filter.risk_level = static_cast<RiskLevel>(random_.below(4));
    if (random_.below(4) == 0) filter.technique = random_technique();
    if (random_.below(30) == 0) filter.technique = random_.below(2) == 0 ? "" : "T1048 T1071";
    return filter;
  }

  void review() {
    if (naive_.all().empty()) return;
    const std::string id = one_of(naive_.all()).id;
    const auto label = static_cast<AnomalyLabel>(random_.below(3));
    ASSERT_TRUE(store_.review(id, {.label = label}, kNow));
    naive_.review(id, label);
  }
  void erase() {
    if (naive_.all().empty()) return;
    const std::string id = one_of(naive_.all()).id;
    ASSERT_TRUE(store_.erase(id));
    naive_.erase(id);
  }
  void erase_before() {
    if (random_.below(4) != 0) return;
    const Timestamp time = random_time() - hours{24 * 30};
    const auto erased = store_.erase_before(time);
    ASSERT_TRUE(erased) << erased.error().message;
    EXPECT_EQ(*erased, naive_.erase_before(time));
  }

  void compare_cursors(const AnomalyFilter& filter, std::size_t limit, const std::vector<std::string>& wanted) {
    std::vector<std::string> found;
    AnomalyQuery query{.limit = limit, .filter = filter};
    do {
      const auto page = store_.list(query);
      ASSERT_TRUE(page) << page.error().message;
      // Only where much is to be looked at may a store give up counting.
      EXPECT_TRUE(page->total_is_exact || naive_.all().size() > 5000);
      EXPECT_LE(page->total, wanted.size());
      EXPECT_GE(page->total, page->total_is_exact ? wanted.size() : 0);
      for (const StoredAnomaly& anomaly : page->data) found.push_back(anomaly.id);
      query.cursor = page->next_cursor;
    } while (!query.cursor.empty() && found.size() <= wanted.size());
    EXPECT_EQ(found, wanted);
  }
  void compare_page(const AnomalyFilter& filter, std::size_t limit, const std::vector<std::string>& wanted) {
    const std::size_t page = 1 + random_.below(wanted.size() / limit + 2);
    const auto found = store_.list({.page = page, .limit = limit, .filter = filter});
    ASSERT_TRUE(found) << found.error().message;
    std::vector<std::string> ids;
    for (const StoredAnomaly& anomaly : found->data) ids.push_back(anomaly.id);
    const std::size_t first = std::min((page - 1) * limit, wanted.size());
    const std::size_t last = std::min(first + limit, wanted.size());
    EXPECT_EQ(ids, std::vector<std::string>(wanted.begin() + static_cast<std::ptrdiff_t>(first),
                                            wanted.begin() + static_cast<std::ptrdiff_t>(last)));
  }
  void compare_walk(const AnomalyFilter& filter, std::size_t limit, std::vector<std::string> wanted) {
    std::reverse(wanted.begin(), wanted.end());
    auto running = AnomalyExport::start(store_, filter, limit);
    ASSERT_TRUE(running);
    std::vector<std::string> ids;
    while (true) {
      const auto batch = running->next();
      ASSERT_TRUE(batch) << batch.error().message;
      if (batch->empty()) break;
      for (const StoredAnomaly& anomaly : *batch) ids.push_back(anomaly.id);
    }
    EXPECT_EQ(ids, wanted);
  }
  void compare_statistics(const StatisticsQuery& query) {
    const auto found = store_.statistics(query);
    ASSERT_TRUE(found) << found.error().message;
    const AnomalyStatistics wanted = naive_.statistics(query);
    EXPECT_EQ(found->total, wanted.total);
    EXPECT_EQ(found->anomalies, wanted.anomalies);
    EXPECT_EQ(found->by_risk_level, wanted.by_risk_level);
    EXPECT_EQ(found->by_source, wanted.by_source);
    EXPECT_EQ(found->by_technique, wanted.by_technique);
    EXPECT_EQ(found->acknowledged, wanted.acknowledged);
    EXPECT_EQ(found->true_positives, wanted.true_positives);
    EXPECT_EQ(found->false_positives, wanted.false_positives);
    EXPECT_TRUE(found->over_time == wanted.over_time);
    EXPECT_EQ(found->over_time_is_cut, wanted.over_time_is_cut);
  }

  AnomalyStore& store_;
  NaiveAnomalyStore naive_;
  Random random_;
};

TEST_P(AnomalyStoreContract, AgreesWithTheNaiveStoreOnRandomOperations) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    TearDown();
    SetUp();
    RandomOperations both(*store_, seed);
    for (std::size_t i = 0; i < GetParam().changes; ++i) {
      both.change();
      both.compare(7);
      if (HasFailure()) return;
    }
  }
}

// Where no condition leaves few, other ways through the store are taken.
TEST_P(AnomalyStoreContract, AgreesWithTheNaiveStoreOnThousands) {
  constexpr std::uint64_t kSeed = 11;
  RandomOperations both(*store_, kSeed);
  both.add(GetParam().many);
  for (std::size_t i = 0; i < GetParam().many / 200; ++i) {
    both.compare(900);
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace topoforge
