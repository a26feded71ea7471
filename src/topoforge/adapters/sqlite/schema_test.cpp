#include "topoforge/adapters/sqlite/schema.hpp"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "topoforge/adapters/sqlite/sqlite_anomaly_store.hpp"
#include "topoforge/codec/json/analysis_json.hpp"
#include "topoforge/codec/json/json_text.hpp"

namespace topoforge {
namespace {

using testing::ElementsAre;

/// The text of the release that had it.
constexpr const char* kLayout1 = R"(
  CREATE TABLE anomalies (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    stored_at INTEGER NOT NULL,  -- microseconds since 1970, UTC
    time      INTEGER,           -- of the event, where it had one
    source    TEXT NOT NULL,
    score     REAL NOT NULL,
    analysis  TEXT NOT NULL,     -- JSON
    event     TEXT NOT NULL      -- JSON
  );
  CREATE INDEX anomalies_time ON anomalies (time);
  CREATE INDEX anomalies_source ON anomalies (source, id);
  CREATE INDEX anomalies_score ON anomalies (score);
  PRAGMA application_id = 0x546f7046;
  PRAGMA user_version = 1;
)";
constexpr Timestamp kNow{std::chrono::microseconds{1'700'000'000'000'001}};

class SchemaTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "topoforge-schema-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    file_ = folder_ / "topoforge.db";
    ASSERT_EQ(sqlite3_open(file_.c_str(), &old_), SQLITE_OK);
    run("PRAGMA journal_mode=WAL");
    run(kLayout1);
  }
  void TearDown() override {
    sqlite3_close(old_);
    std::filesystem::remove_all(folder_);
  }
  void run(const std::string& sql) const {
    ASSERT_EQ(sqlite3_exec(old_, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(old_);
  }
  /// As layout 1 stored it.
  void insert(const Analysis& analysis, const std::string& json) const {
    sqlite3_stmt* statement = nullptr;
    ASSERT_EQ(sqlite3_prepare_v2(old_, "INSERT INTO anomalies VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6)", -1, &statement,
                                 nullptr),
              SQLITE_OK);
    sqlite3_bind_int64(statement, 1, kNow.time_since_epoch().count());
    if (analysis.timestamp) sqlite3_bind_int64(statement, 2, analysis.timestamp->time_since_epoch().count());
    sqlite3_bind_text(statement, 3, analysis.stream.source.c_str(), -1, SQLITE_TRANSIENT);
    sqlite3_bind_double(statement, 4, analysis.anomaly_score);
    sqlite3_bind_text(statement, 5, json.c_str(), -1, SQLITE_TRANSIENT);
    sqlite3_bind_text(statement, 6, R"({"source":"web","values":{"cpu":0.5}})", -1, SQLITE_STATIC);
    EXPECT_EQ(sqlite3_step(statement), SQLITE_DONE);
    sqlite3_finalize(statement);
  }
  static Analysis example(std::uint64_t sequence, const std::vector<std::string>& techniques) {
    Analysis analysis;
    analysis.sequence = sequence;
    analysis.stream = {"web", "host-1"};
    analysis.timestamp = kNow - std::chrono::hours{sequence};
    analysis.anomaly_score = 0.6;
    analysis.is_anomaly = true;
    analysis.risk_level = RiskLevel::high;
    for (const std::string& id : techniques) analysis.security.threats.emplace_back().technique_id = id;
    return analysis;
  }
  void insert(const Analysis& analysis) const { insert(analysis, print_json(analysis_to_json(analysis))); }

  std::filesystem::path folder_;
  std::filesystem::path file_;
  sqlite3* old_ = nullptr;
};

TEST_F(SchemaTest, Layout1BecomesLayout2WithAllThatItHad) {
  insert(example(0, {}));
  insert(example(1, {"T1499", "T1071", "T1499"}));
  Analysis timeless = example(2, {"T1071"});
  timeless.timestamp.reset();
  insert(timeless);
  const auto store = SqliteAnomalyStore::open(file_);
  ASSERT_TRUE(store) << store.error().message;

  const auto page = (*store)->list({});
  ASSERT_TRUE(page) << page.error().message;
  ASSERT_EQ(page->data.size(), 3U);
  EXPECT_EQ(page->total, 3U);
  const StoredAnomaly& oldest = page->data[2];
  EXPECT_EQ(oldest.id, "0000000000000001") << "ids that were given are kept";
  EXPECT_EQ(oldest.stored_at, kNow);
  EXPECT_EQ(oldest.time, kNow);
  EXPECT_EQ(page->data[0].time, kNow) << "without a time, that of its storing";
  EXPECT_EQ(page->data[1].time, kNow - std::chrono::hours{1});
  EXPECT_EQ(print_json(analysis_to_json(page->data[1].analysis)),
            print_json(analysis_to_json(example(1, {"T1499", "T1071", "T1499"}))));
  EXPECT_EQ(oldest.event->values[0].channel, "cpu");
  EXPECT_EQ(oldest.review, AnomalyReview{});

  for (const AnomalyFilter& filter :
       {AnomalyFilter{.source = "web"}, AnomalyFilter{.entity = "host-1"}, AnomalyFilter{.risk_level = RiskLevel::high},
        AnomalyFilter{.is_anomaly = true}}) {
    EXPECT_EQ((*store)->list({.filter = filter})->total, 3U);
  }
  EXPECT_EQ((*store)->list({.filter = {.technique = "T1071"}})->data.size(), 2U);
  const auto statistics = (*store)->statistics({});
  EXPECT_EQ(statistics->anomalies, 3U);
  EXPECT_THAT(statistics->by_technique, ElementsAre(NamedCount{"T1071", 2}, NamedCount{"T1499", 1}));

  ASSERT_TRUE((*store)->add(std::vector{NewAnomaly{.analysis = example(3, {"T1071"})}}, kNow));
  EXPECT_EQ(*(*store)->newest_id(), "0000000000000004");
  ASSERT_TRUE((*store)->erase("0000000000000002"));
  EXPECT_EQ((*store)->list({.filter = {.technique = "T1499"}})->total, 0U);
}

TEST_F(SchemaTest, TheUpgradeIsDoneOnce) {
  insert(example(0, {"T1071"}));
  for (int i = 0; i < 3; ++i) {
    const auto store = SqliteAnomalyStore::open(file_);
    ASSERT_TRUE(store) << store.error().message;
    EXPECT_EQ((*store)->list({})->total, 1U);
  }
}

TEST_F(SchemaTest, ADamagedRowDoesNotKeepTheOthersFromBeingUpgraded) {
  insert(example(0, {}));
  insert(example(1, {}), "{\"entity\": ");
  const auto store = SqliteAnomalyStore::open(file_);
  ASSERT_TRUE(store) << store.error().message;
  EXPECT_TRUE((*store)->get("0000000000000001"));
  const auto damaged = (*store)->get("0000000000000002");
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().code, ErrorCode::corrupt);
  EXPECT_TRUE((*store)->erase("0000000000000002"));
}

TEST_F(SchemaTest, AnUpgradeThatCannotBeFinishedChangesNothing) {
  insert(example(0, {}));
  run("CREATE TABLE anomaly_techniques (taken TEXT)");
  EXPECT_FALSE(SqliteAnomalyStore::open(file_));
  run("DROP TABLE anomaly_techniques");
  const auto store = SqliteAnomalyStore::open(file_);
  ASSERT_TRUE(store) << store.error().message;
  EXPECT_EQ((*store)->list({})->total, 1U);
}

}  // namespace
}  // namespace topoforge
