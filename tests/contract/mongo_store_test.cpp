// What MongoDB alone must do, beyond the contracts: indexes, failed batches, outages.
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "contract/anomaly_store_contract.hpp"
#include "contract/mongo_test_server.hpp"
#include "topoforge/adapters/mongo/mongo_anomaly_store.hpp"
#include "topoforge/adapters/mongo/mongo_records.hpp"
#include "topoforge/codec/text/record_id.hpp"
#include "topoforge/ports/session.hpp"
#include "topoforge/ports/user.hpp"

namespace topoforge {
namespace {

using namespace std::chrono_literals;

class MongoStoreTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!MongoTestServer::shared().missing().empty()) GTEST_SKIP() << MongoTestServer::shared().missing();
    auto opened = database_name_.open();
    ASSERT_TRUE(opened) << opened.error().message;
    database_ = std::move(*opened);
  }
  [[nodiscard]] std::unique_ptr<MongoAnomalyStore> anomalies() const {
    return MongoAnomalyStore::open(database_).value();
  }

  struct IndexSeen {
    bool unique = false;
    bool expires = false;
  };
  /// By the first field of their keys.
  [[nodiscard]] std::map<std::string, IndexSeen> indexes_of(const char* collection) const {
    std::map<std::string, IndexSeen> seen;
    mongoc_client_t* const client = mongoc_client_new(MongoTestServer::shared().uri().c_str());
    mongoc_collection_t* const target = mongoc_client_get_collection(client, database_name_.name().c_str(), collection);
    mongoc_cursor_t* const cursor = mongoc_collection_find_indexes_with_opts(target, nullptr);
    for (const bson_t* index = nullptr; mongoc_cursor_next(cursor, &index);) {
      mongo::Reader reader(*index);
      const auto key = reader.inner("key");
      if (!key) continue;
      seen[std::string(mongo::elements_of(*key).at(0).key())] = {.unique = reader.boolean("unique"),
                                                                 .expires = reader.has("expireAfterSeconds")};
    }
    mongoc_cursor_destroy(cursor);
    mongoc_collection_destroy(target);
    mongoc_client_destroy(client);
    return seen;
  }

  MongoTestDatabase database_name_;
  std::shared_ptr<mongo::Database> database_;
};

TEST_F(MongoStoreTest, TheDocumentedIndexesAreMadeAndMadeAgain) {
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(MongoAnomalyStore::open(database_));
    ASSERT_TRUE(MongoRecords<User>::open(database_));
    ASSERT_TRUE(MongoRecords<Session>::open(database_));
    const auto of_anomalies = indexes_of("anomalies");
    for (const char* const field : {"timestamp", "is_anomaly", "source_type"}) {
      EXPECT_TRUE(of_anomalies.contains(field)) << field;
    }
    const auto of_users = indexes_of("users");
    for (const char* const field : {"email", "username", "email_key", "username_key"}) {
      ASSERT_TRUE(of_users.contains(field)) << field;
      EXPECT_TRUE(of_users.at(field).unique) << field;
    }
    const auto of_sessions = indexes_of("sessions");
    EXPECT_TRUE(of_sessions.contains("user_id"));
    ASSERT_TRUE(of_sessions.contains("expires_at"));
    // FerretDB has no indexes by which documents expire.
    EXPECT_TRUE(of_sessions.at("expires_at").expires || MongoTestServer::shared().is_ours());
  }
}

TEST_F(MongoStoreTest, OfABatchThatFailsNothingStays) {
  const auto store = anomalies();
  const auto first = store->add(std::vector{anomaly_of(0, "web", 0.6)}, kNow);
  ASSERT_TRUE(first);
  // In the way of the batch's second anomaly.
  const std::string taken = id_text(*number_of_id(first->front()) + 2);
  const mongo::Document obstacle = mongo::where("_id", taken);
  ASSERT_TRUE(database_->insert("anomalies", std::span(&obstacle, 1)));
  const auto refused = store->add(std::vector(3, anomaly_of(1, "web", 0.6)), kNow);
  ASSERT_FALSE(refused);
  EXPECT_EQ(database_->count("anomalies", {}).value(), 2U) << "the first anomaly and what was in the way";
  ASSERT_TRUE(database_->erase("anomalies", obstacle));
  EXPECT_EQ(store->add(std::vector(3, anomaly_of(2, "web", 0.6)), kNow)->size(), 3U);
  EXPECT_EQ(store->list({})->total, 4U);
}

TEST_F(MongoStoreTest, IdsGrowThoughTwoProcessesAdd) {
  const auto one = anomalies();
  const auto other = anomalies();
  std::vector<std::string> ids;
  for (int i = 0; i < 6; ++i) {
    const auto added = (i % 2 == 0 ? one : other)->add(std::vector{anomaly_of(0, "web", 0.6)}, kNow);
    ASSERT_TRUE(added);
    ids.push_back(added->front());
  }
  EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end()));
}

TEST_F(MongoStoreTest, WhatIsPutTwiceIsThereOnce) {
  const auto store = anomalies();
  const auto ids = store->reserve(2);
  ASSERT_TRUE(ids);
  std::vector<IdentifiedAnomaly> batch;
  for (const std::string& id : *ids)
    batch.push_back({.id = id, .stored_at = kNow, .anomaly = anomaly_of(1, "web", 0.6)});
  ASSERT_TRUE(store->put(std::span(batch).first(1)));
  ASSERT_TRUE(store->review(ids->at(0), {.note = "seen"}, kNow));
  ASSERT_TRUE(store->put(batch));
  EXPECT_EQ(store->list({})->total, 2U);
  EXPECT_EQ(store->get(ids->at(0))->review.note, "seen") << "a second time changes nothing";
}

TEST_F(MongoStoreTest, AnomaliesOfAnotherStoreKeepTheirIdsAndReviews) {
  const auto store = anomalies();
  StoredAnomaly copied;
  copied.id = "0000000000ffffff";
  copied.stored_at = kNow;
  copied.time = kNow;
  copied.analysis.stream = {"web", ""};
  copied.review = {.label = AnomalyLabel::true_positive,
                   .acknowledged_by = "ada",
                   .acknowledged_at = kNow,
                   .note = "seen",
                   .revision = 3};
  EXPECT_EQ(store->restore(std::span(&copied, 1)).value(), 1U);
  EXPECT_EQ(store->restore(std::span(&copied, 1)).value(), 0U);
  const auto got = store->get(copied.id);
  ASSERT_TRUE(got);
  EXPECT_EQ(got->review, copied.review);
  EXPECT_GT(store->add(std::vector{anomaly_of(0, "web", 0.6)}, kNow)->front(), copied.id);
  copied.analysis.stream.source = "other";
  EXPECT_EQ(store->restore(std::span(&copied, 1)).error().code, ErrorCode::conflict);
  EXPECT_EQ(store->list({})->total, 2U);
}

/// With a server of its own, which it may stop.
class MongoOutageTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!server_.is_ours() || server_.uri().empty()) {
      GTEST_SKIP()
          << "MONGODB OUTAGES ARE NOT TESTED: they want a server of ours; tests/mongo/mongo_server.py says why";
    }
    database_ = mongo::Database::open({.uri = server_.uri(), .name = "outage"}).value();
    store_ = MongoAnomalyStore::open(database_).value();
  }
  template <class Condition>
  static bool becomes_true(Condition condition) {
    for (int i = 0; i < 1000 && !condition(); ++i) std::this_thread::sleep_for(10ms);
    return condition();
  }

  MongoTestServer server_;
  std::shared_ptr<mongo::Database> database_;
  std::unique_ptr<MongoAnomalyStore> store_;
};

TEST_F(MongoOutageTest, AnOutageIsToldAtOnceAndEnds) {
  const auto first = store_->add(std::vector{anomaly_of(0, "web", 0.6)}, kNow);
  ASSERT_TRUE(first);
  server_.stop();
  EXPECT_EQ(store_->list({}).error().code, ErrorCode::unavailable);
  ASSERT_TRUE(becomes_true([&] { return !database_->reachable(); }));
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(store_->list({}).error().code, ErrorCode::unavailable);
  EXPECT_EQ(store_->walk({}).error().code, ErrorCode::unavailable);
  EXPECT_EQ(store_->newest_id().error().code, ErrorCode::unavailable);
  EXPECT_EQ(store_->statistics({}).error().code, ErrorCode::unavailable);
  EXPECT_EQ(store_->get(first->front()).error().code, ErrorCode::unavailable);
  EXPECT_EQ(store_->review(first->front(), {}, kNow).error().code, ErrorCode::unavailable);
  EXPECT_EQ(store_->erase(first->front()).error().code, ErrorCode::unavailable);
  EXPECT_EQ(store_->erase_before(kNow).error().code, ErrorCode::unavailable);
  EXPECT_EQ(store_->add(std::vector{anomaly_of(1, "web", 0.6)}, kNow).error().code, ErrorCode::unavailable);
  EXPECT_LT(std::chrono::steady_clock::now() - start, 1s) << "nobody waits for a server that is away";
  EXPECT_TRUE(store_->reserve(1000)) << "there are ids";
  server_.start();
  ASSERT_TRUE(becomes_true([&] { return database_->reachable(); }));
  const auto later = store_->add(std::vector{anomaly_of(2, "web", 0.6)}, kNow);
  ASSERT_TRUE(later) << later.error().message;
  EXPECT_GT(later->front(), first->front());
  EXPECT_EQ(store_->list({})->total, 2U);
  EXPECT_TRUE(store_->check());
}

}  // namespace
}  // namespace topoforge
