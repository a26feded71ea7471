#include "topoforge/adapters/sqlite/sqlite_anomaly_store.hpp"

#include <array>
#include <atomic>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "topoforge/codec/json/analysis_json.hpp"
#include "topoforge/codec/json/json_text.hpp"

namespace topoforge {
namespace {

using testing::AllOf;
using testing::HasSubstr;

/// A disk on which files can only become so large.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    EXPECT_EQ(getrlimit(RLIMIT_FSIZE, &before_), 0);
    const rlimit small{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
    EXPECT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  }
  ~FileSizeLimit() {
    EXPECT_EQ(setrlimit(RLIMIT_FSIZE, &before_), 0);
    std::signal(SIGXFSZ, handler_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_{};
  void (*handler_)(int);
};

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
  [[nodiscard]] std::uint64_t number(const std::string& sql) const {
    sqlite3* database = nullptr;
    EXPECT_EQ(sqlite3_open(file_.c_str(), &database), SQLITE_OK);
    sqlite3_stmt* statement = nullptr;
    EXPECT_EQ(sqlite3_prepare_v2(database, sql.c_str(), -1, &statement, nullptr), SQLITE_OK);
    EXPECT_EQ(sqlite3_step(statement), SQLITE_ROW);
    const auto value = static_cast<std::uint64_t>(sqlite3_column_int64(statement, 0));
    sqlite3_finalize(statement);
    sqlite3_close(database);
    return value;
  }
  /// Of a child process: adds batches from several threads and writes their ids once they are acknowledged.
  [[noreturn]] void add_until_killed(int acknowledged) const {
    const auto store = SqliteAnomalyStore::open(file_);
    if (!store) _exit(1);
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        while (true) {
          const auto ids = (*store)->add(batch(3), {});
          if (!ids) _exit(2);
          for (const std::string& id : *ids) {
            if (write(acknowledged, id.data(), id.size()) != 16) _exit(3);
          }
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    _exit(4);
  }
  static std::vector<NewAnomaly> batch(std::size_t count) {
    NewAnomaly anomaly;
    anomaly.analysis.explanation = std::string(2000, 'x');
    anomaly.event.emplace().values = {{"value", 1.0}};
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
  const auto added = [&] {
    const FileSizeLimit limit(300'000);
    return (*store)->add(batch(2000), {});
  }();
  ASSERT_FALSE(added) << "4 MB do not fit into a file of 300 kB";
  EXPECT_EQ(added.error().code, ErrorCode::io);
  EXPECT_THAT(added.error().message, HasSubstr(file_.string()));
  EXPECT_EQ((*store)->list({})->total, 1U);
  EXPECT_TRUE((*store)->add(batch(1), {})) << "and when there is room again, it goes on";
  EXPECT_EQ((*store)->list({})->total, 2U);
}

TEST_F(SqliteAnomalyStoreTest, AFullDiskForOneIsNoFaultOfTheOthers) {
  const auto store = SqliteAnomalyStore::open(file_);
  ASSERT_TRUE(store);
  ASSERT_TRUE((*store)->add(batch(1), {}));
  const FileSizeLimit limit(3'000'000);
  std::atomic<std::size_t> small_ones = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 5; ++i) {
        const auto added = (*store)->add(batch(t == 0 ? 2000 : 1), {});
        EXPECT_EQ(added.has_value(), t != 0);
        if (added) small_ones += added->size();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(small_ones, 15U);
  EXPECT_EQ((*store)->list({})->total, 16U);
}

TEST_F(SqliteAnomalyStoreTest, ATruncatedDatabaseIsNoticed) {
  {
    const auto store = SqliteAnomalyStore::open(file_);
    ASSERT_TRUE(store);
    ASSERT_TRUE((*store)->add(batch(200), {}));
  }
  const auto size = std::filesystem::file_size(file_);
  for (const auto rest : {size / 2, std::uintmax_t{5000}, std::uintmax_t{100}}) {
    std::filesystem::resize_file(file_, rest);
    const Error error = refused();
    EXPECT_EQ(error.code, ErrorCode::corrupt) << rest << ": " << error.message;
    EXPECT_THAT(error.message, HasSubstr(file_.string()));
  }
}

TEST_F(SqliteAnomalyStoreTest, ADatabaseThatIsTruncatedUnderWayIsAnErrorNotAnEnd) {
  const auto store = SqliteAnomalyStore::open(file_);
  ASSERT_TRUE(store);
  ASSERT_TRUE((*store)->add(batch(2000), {}));
  {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(file_.c_str(), &database), SQLITE_OK);
    sqlite3_exec(database, "PRAGMA wal_checkpoint(TRUNCATE)", nullptr, nullptr, nullptr);
    sqlite3_close(database);
  }
  std::filesystem::resize_file(file_, 50'000);
  const auto listed = (*store)->list({.limit = 1000});
  ASSERT_FALSE(listed);
  EXPECT_TRUE(listed.error().code == ErrorCode::corrupt || listed.error().code == ErrorCode::io)
      << listed.error().message;
}

TEST_F(SqliteAnomalyStoreTest, WhatWasAcknowledgedSurvivesAKill) {
  constexpr std::size_t kBatch = 3;
  for (unsigned seed = 1; seed <= 6; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::array<int, 2> acknowledged{};
    ASSERT_EQ(pipe(acknowledged.data()), 0);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      close(acknowledged[0]);
      add_until_killed(acknowledged[1]);
    }
    close(acknowledged[1]);
    std::vector<std::string> ids;
    std::array<char, 16> id{};
    // Somewhere between the first commit and the twentieth.
    while (ids.size() < std::size_t{seed} * 10 && read(acknowledged[0], id.data(), id.size()) == 16) {
      ids.emplace_back(id.begin(), id.end());
    }
    ASSERT_EQ(kill(child, SIGKILL), 0);
    while (read(acknowledged[0], id.data(), id.size()) == 16) ids.emplace_back(id.begin(), id.end());
    close(acknowledged[0]);
    ASSERT_EQ(waitpid(child, nullptr, 0), child);

    const auto store = SqliteAnomalyStore::open(file_);
    ASSERT_TRUE(store) << store.error().message;
    EXPECT_GE(ids.size(), std::size_t{seed} * 10);
    for (const std::string& one : ids) EXPECT_TRUE((*store)->get(one)) << one;
    const auto total = (*store)->list({})->total;
    EXPECT_EQ(total % kBatch, 0U) << "a batch is there with all that is in it";
    EXPECT_EQ((*store)->statistics({})->total, total);
    EXPECT_EQ(number("SELECT count(*) FROM anomalies"), total) << "the counters are right";
  }
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
