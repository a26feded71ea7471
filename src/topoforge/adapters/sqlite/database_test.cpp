#include "topoforge/adapters/sqlite/database.hpp"

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>

namespace topoforge::sqlite {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using testing::HasSubstr;

constexpr DatabaseOptions kImpatient{.busy_timeout = milliseconds{200}};

class DatabaseTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "topoforge-database-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    file_ = folder_ / "topoforge.db";
    auto opened = Database::open(file_, kImpatient);
    ASSERT_TRUE(opened) << opened.error().message;
    database_ = std::move(*opened);
    ASSERT_TRUE(database_->write([](Connection& connection) {
      return connection.execute("CREATE TABLE numbers (number INTEGER PRIMARY KEY)");
    }));
  }
  void TearDown() override {
    database_.reset();
    std::filesystem::remove_all(folder_);
  }
  Result<void> insert(std::int64_t number) const {
    return database_->write(
        [number](Connection& connection) { return connection.run("INSERT INTO numbers VALUES (?1)", number); });
  }
  static Result<std::int64_t> count(Connection& connection) {
    return connection.integer("SELECT count(*) FROM numbers");
  }
  [[nodiscard]] std::int64_t count() const {
    const auto counted = database_->read([](Connection& connection) { return count(connection); });
    EXPECT_TRUE(counted) << counted.error().message;
    return counted.value_or(-1);
  }

  std::filesystem::path folder_;
  std::filesystem::path file_;
  std::shared_ptr<Database> database_;
};

/// Another program, which has the database open in its own way.
class OtherProgram {
 public:
  explicit OtherProgram(const std::filesystem::path& file) {
    EXPECT_EQ(sqlite3_open(file.c_str(), &handle_), SQLITE_OK);
  }
  ~OtherProgram() { sqlite3_close(handle_); }
  OtherProgram(const OtherProgram&) = delete;
  OtherProgram& operator=(const OtherProgram&) = delete;
  void run(const char* sql) const {
    EXPECT_EQ(sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(handle_);
  }

 private:
  sqlite3* handle_ = nullptr;
};

TEST_F(DatabaseTest, AFileThatIsMadeIsForItsOwnerAlone) {
  ASSERT_TRUE(insert(1));
  for (const char* const suffix : {"", "-wal", "-shm"}) {
    const auto permissions = std::filesystem::status(file_.string() + suffix).permissions();
    EXPECT_EQ(permissions, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write) << suffix;
  }
}

TEST_F(DatabaseTest, ChangesOfManyThreadsAreAllKept) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([this, t] {
      for (int i = 0; i < 25; ++i) EXPECT_TRUE(insert(t * 1000 + i));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(count(), 8 * 25);
}

TEST_F(DatabaseTest, AChangeThatFailsLeavesNothingAndHurtsNoOther) {
  std::vector<std::thread> threads;
  std::atomic<int> refused = 0;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([this, t, &refused] {
      for (int i = 0; i < 10; ++i) {
        const std::int64_t number = t * 1000 + i;
        const bool good = i % 2 == 0;
        const auto done = database_->write([number, good](Connection& connection) -> Result<void> {
          if (auto inserted = connection.run("INSERT INTO numbers VALUES (?1)", number); !inserted) return inserted;
          return good ? Result<void>{} : fail(ErrorCode::conflict, "changed its mind");
        });
        EXPECT_EQ(done.has_value(), good);
        if (done) continue;
        EXPECT_EQ(done.error().message, "changed its mind");
        ++refused;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(refused, 40);
  EXPECT_EQ(count(), 40);
}

TEST_F(DatabaseTest, AnExceptionOfAChangeIsItsErrorAndNoOnesElse) {
  const auto thrown = database_->write([](Connection&) -> Result<void> { throw std::bad_alloc(); });
  ASSERT_FALSE(thrown);
  EXPECT_EQ(thrown.error().code, ErrorCode::unavailable);
  EXPECT_TRUE(insert(1));
}

TEST_F(DatabaseTest, AReaderDoesNotWaitForAWriter) {
  std::promise<void> entered;
  std::promise<void> gate;
  std::thread writer([&] {
    EXPECT_TRUE(database_->write([&](Connection& connection) -> Result<void> {
      auto inserted = connection.run("INSERT INTO numbers VALUES (?1)", 1);
      entered.set_value();
      gate.get_future().wait();
      return inserted;
    }));
  });
  entered.get_future().wait();
  EXPECT_EQ(count(), 0);
  gate.set_value();
  writer.join();
  EXPECT_EQ(count(), 1);
}

TEST_F(DatabaseTest, AReaderSeesOneState) {
  ASSERT_TRUE(insert(1));
  const auto same = database_->read([this](Connection& connection) -> Result<bool> {
    const auto before = count(connection);
    std::thread([this] { EXPECT_TRUE(insert(2)); }).join();
    const auto after = count(connection);
    return *before == 1 && *after == 1;
  });
  ASSERT_TRUE(same);
  EXPECT_TRUE(*same);
  EXPECT_EQ(count(), 2);
}

TEST_F(DatabaseTest, MoreThreadsThanReadersTakeTurns) {
  std::vector<std::thread> threads;
  std::atomic<int> at_once = 0;
  std::atomic<int> most = 0;
  for (int t = 0; t < 12; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 20; ++i) {
        const auto read = database_->read([&](Connection& connection) {
          const int now = ++at_once;
          for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {
          }
          auto counted = count(connection);
          --at_once;
          return counted;
        });
        EXPECT_TRUE(read);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(most, static_cast<int>(kMaxReaders));
}

TEST_F(DatabaseTest, AReaderCannotWrite) {
  const auto refused =
      database_->read([](Connection& connection) { return connection.run("INSERT INTO numbers VALUES (?1)", 1); });
  EXPECT_FALSE(refused);
  EXPECT_EQ(count(), 0);
}

TEST_F(DatabaseTest, TheLockOfAnotherProgramIsWaitedForOnlySoLong) {
  const OtherProgram other(file_);
  other.run("BEGIN IMMEDIATE; INSERT INTO numbers VALUES (99)");
  const auto before = steady_clock::now();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this, t] {
      const auto refused = insert(t);
      ASSERT_FALSE(refused);
      EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
      EXPECT_THAT(refused.error().message, HasSubstr("locked by another program for more than 0.2 s"));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LT(steady_clock::now() - before, milliseconds{5000});
  EXPECT_EQ(count(), 0) << "reading goes on";
  other.run("COMMIT");
  EXPECT_TRUE(insert(1)) << "and so does writing, when the lock is gone";
  EXPECT_EQ(count(), 2);
}

TEST_F(DatabaseTest, AnotherProgramMayHaveItForItselfAlone) {
  database_.reset();
  const OtherProgram other(file_);
  other.run("PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE");
  const auto refused = Database::open(file_, kImpatient);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
}

TEST_F(DatabaseTest, ABackupIsOneStateWhileOthersWrite) {
  std::atomic<bool> stop = false;
  std::atomic<std::int64_t> written = 0;
  std::thread writer([&] {
    for (std::int64_t i = 0; !stop; i += 2) {
      EXPECT_TRUE(database_->write([i](Connection& connection) -> Result<void> {
        if (auto first = connection.run("INSERT INTO numbers VALUES (?1)", i); !first) return first;
        return connection.run("INSERT INTO numbers VALUES (?1)", i + 1);
      }));
      written = i + 2;
    }
  });
  while (written < 20) std::this_thread::yield();
  std::vector<std::filesystem::path> copies;
  for (int i = 0; i < 5; ++i) {
    const std::int64_t at_least = written;
    copies.push_back(folder_ / ("copy-" + std::to_string(i)));
    const auto done = database_->backup(copies.back());
    ASSERT_TRUE(done) << done.error().message;
    const auto copy = Database::open(copies.back());
    ASSERT_TRUE(copy) << copy.error().message;
    const auto counted = (*copy)->read([](Connection& connection) { return count(connection); });
    ASSERT_TRUE(counted);
    EXPECT_GE(*counted, at_least);
    EXPECT_EQ(*counted % 2, 0) << "both rows of a change or none";
  }
  stop = true;
  writer.join();
  struct stat status {};
  ASSERT_EQ(stat(copies[0].c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U) << "what it holds is for its owner";
}

TEST_F(DatabaseTest, ABackupOverwritesNothing) {
  const auto target = folder_ / "copy";
  std::ofstream(target) << "mine";
  const auto refused = database_->backup(target);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::conflict);
  EXPECT_THAT(refused.error().message, HasSubstr(target.string()));
  std::string kept;
  std::ifstream(target) >> kept;
  EXPECT_EQ(kept, "mine");
  EXPECT_FALSE(database_->backup(file_));
  const auto nowhere = database_->backup(folder_ / "no" / "such");
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(nowhere.error().code, ErrorCode::io);
  EXPECT_THAT(nowhere.error().message, HasSubstr("No such file or directory"));
}

}  // namespace
}  // namespace topoforge::sqlite
