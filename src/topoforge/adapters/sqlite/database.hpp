#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <type_traits>
#include <utility>
#include <vector>

#include "topoforge/adapters/sqlite/connection.hpp"
#include "topoforge/base/result.hpp"

/// Purpose: the one file that holds everything, shared by the stores that live in it. One connection writes, a few
/// read; readers and the writer do not wait for each other (WAL). Changes that come at once are committed together, so
/// that they share the wait for the disk.
/// Thread safety: any thread. Several processes may use one file.
namespace topoforge::sqlite {

/// Named limits of a database.
inline constexpr std::size_t kMaxReaders = 4;
inline constexpr std::size_t kMaxGroup = 64;  ///< changes in one commit
/// Above this size of the file, opening it checks the head alone: the pages are checked when they are read.
inline constexpr std::uintmax_t kMaxCheckedBytes = 64U << 20U;

struct DatabaseOptions {
  /// How long a call waits for another process that holds the lock.
  std::chrono::milliseconds busy_timeout{5000};
};

class Database {
 public:
  /// What changes the database, within a transaction. It may be called again when the first attempt was rolled back,
  /// so it sets its results rather than adds to them; it does not call the Database.
  using Change = std::function<Result<void>(Connection&)>;

  /// Opens the file or makes it and its tables; an older layout is brought up to date.
  /// Errors: io, corrupt, unavailable, as the message says; invalid_data when a newer TopoForge or another program
  /// made the file.
  static Result<std::shared_ptr<Database>> open(const std::filesystem::path& file, DatabaseOptions options = {});

  /// All of the change or, when it fails, nothing of it. When it returns without an error, the change survives a kill
  /// of the process and of the machine. Errors: those of the change; io, unavailable.
  Result<void> write(const Change& change);

  /// Calls the function with a connection that sees one state of the database throughout. It does not call the
  /// Database. Waits while kMaxReaders are at it.
  template <class Function>
  std::invoke_result_t<Function, Connection&> read(const Function& function) {
    auto reader = borrow();
    if (!reader) return tl::unexpected(std::move(reader.error()));
    Transaction transaction(**reader);
    if (auto begun = transaction.begin("BEGIN"); !begun) return tl::unexpected(std::move(begun.error()));
    return function(**reader);
  }

  /// Whether it can be read and written now; quick. It writes, a page, as long as the last write failed.
  Result<void> check();

  /// Copies the database as it is now to a new file, while others read and write.
  /// Errors: conflict when the file exists; io.
  Result<void> backup(const std::filesystem::path& target);

  [[nodiscard]] const std::filesystem::path& file() const { return file_; }

 private:
  /// A change that waits for its commit.
  struct Waiting {
    const Change* change;
    Result<void> outcome;
    bool done = false;
  };
  struct GiveBack {
    Database* database;
    void operator()(Connection* reader) const { database->give_back(std::unique_ptr<Connection>(reader)); }
  };
  using Reader = std::unique_ptr<Connection, GiveBack>;

  Database(std::filesystem::path file, DatabaseOptions options, std::unique_ptr<Connection> writer)
      : file_(std::move(file)), options_(options), writer_(std::move(writer)) {}

  void commit_together(const std::vector<Waiting*>& group);
  Result<void> try_together(const std::vector<Waiting*>& group);
  Result<Reader> borrow();
  void give_back(std::unique_ptr<Connection> reader);

  const std::filesystem::path file_;
  const DatabaseOptions options_;

  std::mutex queue_mutex_;  ///< owns the next three
  std::condition_variable queue_changed_;
  std::deque<Waiting*> queue_;
  bool committing_ = false;             ///< a thread is at it, and has the writer
  std::atomic<bool> failing_ = false;   ///< the last commit failed
  std::unique_ptr<Connection> writer_;  ///< of the thread that commits

  std::mutex readers_mutex_;  ///< owns the rest
  std::condition_variable reader_is_free_;
  std::vector<std::unique_ptr<Connection>> free_readers_;
  std::size_t readers_ = 0;
};

}  // namespace topoforge::sqlite
