#include "topoforge/adapters/sqlite/sqlite_anomaly_store.hpp"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <unistd.h>

namespace topoforge {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class SqliteAnomalyStoreTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "topoforge-sqlite-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    file_ = folder_ / "topoforge.db";
  }
  void TearDown() override {
    std::filesystem::permissions(folder_, std::filesystem::perms::owner_all);
    std::filesystem::remove_all(folder_);
  }
  void run_sql(const std::string& sql) const {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(file_.c_str(), &database), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(database);
    sqlite3_close(database);
  }
  [[nodiscard]] Error refused() const {
    const auto opened = SqliteAnomalyStore::open(file_);
    EXPECT_FALSE(opened);
    return opened ? Error{} : opened.error();
  }
  static std::vector<NewAnomaly> batch(std::size_t count) {
    NewAnomaly anomaly;
    anomaly.analysis.explanation = std::string(2000, 'x');
    anomaly.event.values = {{"value", 1.0}};
    return std::vector<NewAnomaly>(count, anomaly);
  }

  std::filesystem::path folder_;
  std::filesystem::path file_;
};

TEST_F(SqliteAnomalyStoreTest, AFileThatIsNoDatabaseIsNamed) {
  std::ofstream(file_) << std::string(5000, 'n');
  const Error error = refused();
  EXPECT_EQ(error.code, ErrorCode::corrupt);
  EXPECT_THAT(error.message, AllOf(HasSubstr(file_.string()), HasSubstr("move it away")));
}

TEST_F(SqliteAnomalyStoreTest, ADamagedDatabaseIsNoticedAtTheStart) {
  {
    const auto store = SqliteAnomalyStore::open(file_);
    ASSERT_TRUE(store);
    ASSERT_TRUE((*store)->add(batch(100), {}));
  }
  {
    std::fstream file(file_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096 + 100);
    file << std::string(60'000, '\xff');
  }
  EXPECT_EQ(refused().code, ErrorCode::corrupt);
}

TEST_F(SqliteAnomalyStoreTest, ANewerLayoutIsLeftAlone) {
  ASSERT_TRUE(SqliteAnomalyStore::open(file_));
  run_sql("PRAGMA user_version = 99");
  const Error error = refused();
  EXPECT_EQ(error.code, ErrorCode::invalid_data);
  EXPECT_THAT(error.message, HasSubstr("layout 99"));
}

TEST_F(SqliteAnomalyStoreTest, ADatabaseOfAnotherProgramIsLeftAlone) {
  run_sql("CREATE TABLE recipes (name TEXT)");
  const Error error = refused();
  EXPECT_EQ(error.code, ErrorCode::invalid_data);
  EXPECT_THAT(error.message, HasSubstr("another program"));
}

TEST_F(SqliteAnomalyStoreTest, AMissingFolderIsNamed) {
  file_ = folder_ / "no" / "such" / "topoforge.db";
  const Error error = refused();
  EXPECT_EQ(error.code, ErrorCode::io);
  EXPECT_THAT(error.message, AllOf(HasSubstr(file_.string()), HasSubstr("No such file or directory")));
}

TEST_F(SqliteAnomalyStoreTest, AFolderThatMayNotBeWrittenIsNamed) {
  file_ = "/proc/topoforge.db";  // where root may not write either
  const Error error = refused();
  EXPECT_EQ(error.code, ErrorCode::io);
  EXPECT_THAT(error.message, HasSubstr("writable"));
}

TEST_F(SqliteAnomalyStoreTest, AFailedWriteStoresAllOrNothing) {
  const auto store = SqliteAnomalyStore::open(file_);
  ASSERT_TRUE(store);
  ASSERT_TRUE((*store)->add(batch(1), {}));
  rlimit limit{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &limit), 0);
  const rlimit small{.rlim_cur = 200'000, .rlim_max = limit.rlim_max};
  auto* const handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto added = (*store)->add(batch(2000), {});
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
  std::signal(SIGXFSZ, handler);
  ASSERT_FALSE(added) << "4 MB do not fit into a file of 200 kB";
  EXPECT_EQ(added.error().code, ErrorCode::io);
  EXPECT_THAT(added.error().message, HasSubstr(file_.string()));
  EXPECT_EQ((*store)->list({})->total, 1U);
  EXPECT_TRUE((*store)->add(batch(1), {})) << "and when there is room again, it goes on";
  EXPECT_EQ((*store)->list({})->total, 2U);
}

TEST_F(SqliteAnomalyStoreTest, ADeletedDatabaseIsNoticed) {
  const auto store = SqliteAnomalyStore::open(file_);
  ASSERT_TRUE(store);
  EXPECT_TRUE((*store)->check());
  std::filesystem::remove(file_);
  const auto gone = (*store)->check();
  ASSERT_FALSE(gone);
  EXPECT_THAT(gone.error().message, HasSubstr("is gone"));
}

}  // namespace
}  // namespace topoforge
