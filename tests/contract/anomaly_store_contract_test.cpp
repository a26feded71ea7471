// What every store of anomalies does, run against each of them.
#include "contract/anomaly_store_contract.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>

#include "contract/mongo_test_server.hpp"
#include "topoforge/adapters/mongo/mongo_anomaly_store.hpp"
#include "topoforge/adapters/sqlite/sqlite_anomaly_store.hpp"

namespace topoforge {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

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
  EXPECT_EQ(got->time, *added.analysis.timestamp);
  EXPECT_EQ(got->origin, AnomalyOrigin::engine);
  EXPECT_EQ(got->created_by, "");
  EXPECT_EQ(got->review, AnomalyReview{});
  EXPECT_EQ(got->event, added.event);
  EXPECT_EQ(got->analysis.sequence, 7U);
  EXPECT_EQ(got->analysis.stream, added.analysis.stream);
  EXPECT_EQ(got->analysis.detector, added.analysis.detector);
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

TEST_P(AnomalyStoreContract, ACursorGoesOnWhereAPageEnded) {
  for (std::uint64_t i = 0; i < 5; ++i) add(anomaly_of(i, i == 2 ? "db" : "web", 0.6), kNow);
  const AnomalyFilter web{.source = "web"};
  auto page = store_->list({.limit = 2, .filter = web});
  ASSERT_TRUE(page);
  EXPECT_THAT(sequences(page->data), ElementsAre(4, 3));
  ASSERT_FALSE(page->next_cursor.empty());
  add(anomaly_of(5, "web", 0.6), kNow);
  page = store_->list({.limit = 2, .cursor = page->next_cursor, .filter = web});
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_THAT(sequences(page->data), ElementsAre(1, 0)) << "what came meanwhile moves nothing";
  EXPECT_EQ(page->total, 5U);
  EXPECT_TRUE(page->next_cursor.empty()) << "this was the last page";
}

TEST_P(AnomalyStoreContract, ACursorOutlivesItsAnomaly) {
  std::vector<std::string> ids;
  for (std::uint64_t i = 0; i < 4; ++i) ids.push_back(add(anomaly_of(i, "web", 0.6), kNow));
  const auto page = store_->list({.limit = 2});
  ASSERT_TRUE(page);
  ASSERT_TRUE(store_->erase(ids[2]));
  EXPECT_THAT(listed({.limit = 2, .cursor = page->next_cursor}), ElementsAre(1, 0));
}

TEST_P(AnomalyStoreContract, ACursorGoesWithItsFilterAlone) {
  for (std::uint64_t i = 0; i < 4; ++i) add(anomaly_of(i, "web", 0.6), kNow);
  const std::string cursor = store_->list({.limit = 2})->next_cursor;
  const std::string id = store_->list({.limit = 1})->data.at(0).id;
  for (const AnomalyQuery& query :
       {AnomalyQuery{.cursor = cursor, .filter = {.source = "web"}}, AnomalyQuery{.cursor = cursor + "0"},
        AnomalyQuery{.cursor = "x"}, AnomalyQuery{.cursor = id}, AnomalyQuery{.cursor = "-"},
        AnomalyQuery{.cursor = "'" + cursor.substr(1)}, AnomalyQuery{.page = 2, .cursor = cursor}}) {
    const auto page = store_->list(query);
    ASSERT_FALSE(page) << query.cursor;
    EXPECT_EQ(page.error().code, ErrorCode::invalid_argument) << query.cursor;
  }
}

TEST_P(AnomalyStoreContract, WalksFromTheOldestAfterAnId) {
  std::vector<std::string> ids;
  for (std::uint64_t i = 0; i < 6; ++i) ids.push_back(add(anomaly_of(i, i % 2 == 0 ? "a" : "b", 0.6), kNow));
  EXPECT_EQ(*store_->newest_id(), ids[5]);
  EXPECT_THAT(sequences(*store_->after(ids[2], 2)), ElementsAre(3, 4));
  EXPECT_THAT(sequences(*store_->after("", 2)), ElementsAre(0, 1));
  EXPECT_THAT(sequences(*store_->walk({.after = ids[1], .up_to = ids[4], .filter = {.source = "a"}})),
              ElementsAre(2, 4));
  ASSERT_TRUE(store_->erase(ids[2]));
  EXPECT_THAT(sequences(*store_->after(ids[2], 10)), ElementsAre(3, 4, 5)) << "its place is known, if not itself";
  EXPECT_THAT(sequences(*store_->after(ids[5], 10)), IsEmpty());
  for (const AnomalyWalk& walk : {AnomalyWalk{.after = "x"}, AnomalyWalk{.up_to = "-1"}, AnomalyWalk{.limit = 0},
                                  AnomalyWalk{.limit = kMaxAnomalyLimit + 1},
                                  AnomalyWalk{.filter = {.start = kNow, .end = kNow - std::chrono::seconds{1}}}}) {
    const auto refused = store_->walk(walk);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument);
  }
}

TEST_P(AnomalyStoreContract, AnExportGivesWhatWasThereAtItsStartOnce) {
  EXPECT_EQ(*store_->newest_id(), "");
  EXPECT_THAT(*AnomalyExport::start(*store_, {})->next(), IsEmpty());
  for (std::uint64_t i = 0; i < 7; ++i) add(anomaly_of(i, i == 3 ? "db" : "web", 0.6), kNow);
  auto running = AnomalyExport::start(*store_, {.source = "web"}, 2);
  ASSERT_TRUE(running);
  std::vector<std::uint64_t> exported;
  while (true) {
    const auto batch = running->next();
    ASSERT_TRUE(batch) << batch.error().message;
    EXPECT_LE(batch->size(), 2U);
    if (batch->empty()) break;
    for (const std::uint64_t sequence : sequences(*batch)) exported.push_back(sequence);
    add(anomaly_of(100, "web", 0.6), kNow);
  }
  EXPECT_THAT(exported, ElementsAre(0, 1, 2, 4, 5, 6));
  EXPECT_THAT(*running->next(), IsEmpty());
}

TEST_P(AnomalyStoreContract, KeepsWhatAPersonLogs) {
  NewAnomaly logged;
  logged.analysis.stream.source = "phone";
  logged.analysis.anomaly_score = 0.3;
  logged.analysis.betti_numbers = {.h0 = 2, .h1 = 3, .h2 = 0};
  logged.analysis.explanation = "somebody called";
  logged.origin = AnomalyOrigin::manual;
  logged.created_by = "ada";
  const auto got = store_->get(add(logged, kNow));
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->origin, AnomalyOrigin::manual);
  EXPECT_EQ(got->created_by, "ada");
  EXPECT_FALSE(got->event);
  EXPECT_EQ(got->time, kNow) << "it had no time of its own";
  EXPECT_FALSE(got->analysis.timestamp);
  EXPECT_FALSE(got->analysis.is_anomaly);
  EXPECT_EQ(got->analysis.betti_numbers.h1, 3U);
  EXPECT_EQ(got->analysis.explanation, "somebody called");
}

TEST_P(AnomalyStoreContract, RefusesATechniqueThatIsNone) {
  for (const std::string id : {"", "T1 071", "T1071\n", "T1071'", "ünï"}) {
    const auto added =
        store_->add(std::vector{anomaly_of(1, "web", 0.9), with_techniques(anomaly_of(0, "web", 0.9), {id})}, kNow);
    ASSERT_FALSE(added) << id;
    EXPECT_EQ(added.error().code, ErrorCode::invalid_argument) << id;
  }
  EXPECT_EQ(store_->list({})->total, 0U);
}

TEST_P(AnomalyStoreContract, AReviewIsKeptAndTakesThePlaceOfTheOneBefore) {
  const std::string id = add(anomaly_of(0, "web", 0.9), kNow);
  const auto first =
      store_->review(id, {.label = AnomalyLabel::false_positive, .acknowledged_by = "ada", .note = "a 'test'"},
                     kNow + std::chrono::seconds{9});
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->review, (AnomalyReview{.label = AnomalyLabel::false_positive,
                                          .acknowledged_by = "ada",
                                          .acknowledged_at = kNow + std::chrono::seconds{9},
                                          .note = "a 'test'",
                                          .revision = 1}));
  EXPECT_EQ(first->analysis.explanation, anomaly_of(0, "web", 0.9).analysis.explanation);
  ASSERT_TRUE(
      store_->review(id, {.label = AnomalyLabel::true_positive, .acknowledged_by = "bob", .revision = 1}, kNow));
  reopen();
  const auto got = store_->get(id);
  ASSERT_TRUE(got);
  EXPECT_EQ(got->review.label, AnomalyLabel::true_positive);
  EXPECT_EQ(got->review.acknowledged_by, "bob");
  EXPECT_EQ(got->review.note, "");
  EXPECT_EQ(got->review.revision, 2U);
}

TEST_P(AnomalyStoreContract, OfTwoReviewsOfOneRevisionOneWins) {
  const std::string id = add(anomaly_of(0, "web", 0.9), kNow);
  std::atomic<int> wins = 0;
  std::vector<std::thread> people;
  for (int i = 0; i < 4; ++i) {
    people.emplace_back([&] {
      const auto done = store_->review(id, {.label = AnomalyLabel::true_positive, .revision = 0}, kNow);
      if (done) ++wins;
      EXPECT_TRUE(done || done.error().code == ErrorCode::conflict);
    });
  }
  for (std::thread& person : people) person.join();
  EXPECT_EQ(wins, 1);
  EXPECT_EQ(store_->get(id)->review.revision, 1U);
}

TEST_P(AnomalyStoreContract, RefusesANoteThatIsTooLong) {
  const std::string id = add(anomaly_of(0, "web", 0.9), kNow);
  EXPECT_TRUE(store_->review(id, {.note = std::string(kMaxAnomalyNoteBytes, 'n')}, kNow));
  const auto refused = store_->review(id, {.note = std::string(kMaxAnomalyNoteBytes + 1, 'n')}, kNow);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument);
}

TEST_P(AnomalyStoreContract, WhatIsErasedIsGone) {
  const std::string id = add(anomaly_of(0, "web", 0.9), kNow);
  add(anomaly_of(1, "web", 0.9), kNow);
  ASSERT_TRUE(store_->erase(id));
  EXPECT_EQ(store_->get(id).error().code, ErrorCode::not_found);
  EXPECT_EQ(store_->erase(id).error().code, ErrorCode::not_found);
  EXPECT_EQ(store_->review(id, {}, kNow).error().code, ErrorCode::not_found);
  EXPECT_THAT(listed({}), ElementsAre(1));
  EXPECT_EQ(store_->list({})->total, 1U);
  EXPECT_EQ(store_->statistics({})->total, 1U);
}

TEST_P(AnomalyStoreContract, AnIdIsNotGivenAgain) {
  const std::string id = add(anomaly_of(0, "web", 0.9), kNow);
  ASSERT_TRUE(store_->erase(id));
  reopen();
  EXPECT_GT(add(anomaly_of(1, "web", 0.9), kNow), id);
}

TEST_P(AnomalyStoreContract, ErasesTheOldestByTimeALittleAtATime) {
  std::vector<NewAnomaly> batch;
  for (std::uint64_t i = 0; i < kMaxAnomalyLimit + 10; ++i) {
    batch.push_back(anomaly_of(i, "web", 0.9));
    batch.back().analysis.timestamp = kNow + std::chrono::seconds{i % 2 == 0 ? 60 : -60};
  }
  batch.push_back(anomaly_of(9999, "web", 0.9));
  batch.back().analysis.timestamp = kNow;
  ASSERT_TRUE(store_->add(batch, kNow));
  EXPECT_EQ(*store_->erase_before(kNow), 505U);
  EXPECT_EQ(*store_->erase_before(kNow), 0U);
  EXPECT_EQ(store_->list({})->total, 506U);
  EXPECT_THAT(listed({.limit = 1, .filter = {.end = kNow + std::chrono::seconds{1}}}), ElementsAre(9999));
  ASSERT_TRUE(store_->add(batch, kNow));
  EXPECT_EQ(*store_->erase_before(kNow + std::chrono::hours{1}), kMaxAnomalyLimit);
  EXPECT_EQ(*store_->erase_before(kNow + std::chrono::hours{1}), 517U);
  EXPECT_EQ(store_->list({})->total, 0U);
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
                                    AnomalyQuery{.limit = 0}, AnomalyQuery{.limit = kMaxAnomalyLimit + 1},
                                    AnomalyQuery{.filter = {.start = kNow, .end = kNow - std::chrono::seconds{1}}}}) {
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
  EXPECT_THAT(listed({.filter = {.source = "t1"}}), ElementsAre(7, 6, 5, 4, 3, 2, 1, 0));
}

TEST_P(AnomalyStoreContract, TwoOpenStoresSeeEachOther) {
  const auto second = GetParam().open(folder_);
  ASSERT_TRUE(second) << second.error().message;
  ASSERT_TRUE(store_->add(std::vector{anomaly_of(1, "web", 0.6)}, kNow));
  ASSERT_TRUE((*second)->add(std::vector{anomaly_of(2, "web", 0.6)}, kNow));
  EXPECT_THAT(listed({}), ElementsAre(2, 1));
  EXPECT_EQ((*second)->list({})->total, 2U);
}

/// In the database that has the folder's name.
Result<std::shared_ptr<mongo::Database>> mongo_database(const std::filesystem::path& folder) {
  return mongo::Database::open({.uri = MongoTestServer::shared().uri(), .name = folder.filename().string()});
}

const StoreUnderTest kSqlite{.name = "Sqlite",
                             .open = [](const std::filesystem::path& folder) -> Result<std::unique_ptr<AnomalyStore>> {
                               return SqliteAnomalyStore::open(folder / "topoforge.db");
                             }};
const StoreUnderTest kMongo{.name = "Mongo",
                            .open = [](const std::filesystem::path& folder) -> Result<std::unique_ptr<AnomalyStore>> {
                              auto database = mongo_database(folder);
                              if (!database) return tl::unexpected(std::move(database.error()));
                              return MongoAnomalyStore::open(std::move(*database));
                            },
                            .forget =
                                [](const std::filesystem::path& folder) {
                                  if (const auto database = mongo_database(folder))
                                    static_cast<void>((*database)->drop());
                                },
                            .missing = [] { return MongoTestServer::shared().missing(); },
                            .many = 1000,
                            .changes = 16};

INSTANTIATE_TEST_SUITE_P(Stores, AnomalyStoreContract, testing::Values(kSqlite, kMongo),
                         [](const auto& instance) { return instance.param.name; });

}  // namespace
}  // namespace topoforge
