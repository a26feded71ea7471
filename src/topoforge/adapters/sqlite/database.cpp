#include "topoforge/adapters/sqlite/database.hpp"

#include <algorithm>
#include <exception>
#include <iterator>
#include <system_error>

#include <fmt/format.h>

#include "topoforge/adapters/sqlite/schema.hpp"

namespace topoforge::sqlite {
namespace {

constexpr const char* kBeginWrite = "BEGIN IMMEDIATE";

Result<void> check_pages(Connection& connection) {
  std::error_code error;
  const auto size = std::filesystem::file_size(connection.file(), error);
  auto check = connection.query(size > kMaxCheckedBytes ? "SELECT 'ok' FROM sqlite_schema" : "PRAGMA quick_check(1)");
  if (!check) return tl::unexpected(std::move(check.error()));
  const auto row = check->step();
  if (!row) return tl::unexpected(row.error());
  if (*row && check->text_view(0) != "ok") {
    return fail(ErrorCode::corrupt, fmt::format("the database '{}' is damaged ({}); restore it from a copy, or move it "
                                                "away to begin with an empty one",
                                                connection.file().string(), check->text(0)));
  }
  return {};
}

/// Exceptions end here: those of memory, as there are no others.
Result<void> apply(const Database::Change& change, Connection& connection) {
  try {
    return change(connection);
  } catch (const std::exception& error) {
    return fail(ErrorCode::unavailable, fmt::format("a change of the database failed: {}", error.what()));
  }
}

}  // namespace

Result<std::shared_ptr<Database>> Database::open(const std::filesystem::path& file, DatabaseOptions options) {
  auto writer = Connection::open(file, Access::write, options.busy_timeout);
  if (!writer) return tl::unexpected(std::move(writer.error()));
  if (auto good = check_pages(**writer); !good) return tl::unexpected(std::move(good.error()));
  if (auto ready = prepare_schema(**writer); !ready) return tl::unexpected(std::move(ready.error()));
  return std::shared_ptr<Database>(new Database(file, options, std::move(*writer)));
}

// The first thread that finds nobody committing takes all changes that wait by then; while it waits for the disk the
// next ones gather.
Result<void> Database::write(const Change& change) {
  Waiting mine{.change = &change, .outcome = {}};
  std::unique_lock lock(queue_mutex_);
  queue_.push_back(&mine);
  while (!mine.done) {
    if (committing_) {
      queue_changed_.wait(lock);
      continue;
    }
    const auto count = static_cast<std::ptrdiff_t>(std::min(queue_.size(), kMaxGroup));
    const std::vector<Waiting*> group(queue_.begin(), queue_.begin() + count);
    queue_.erase(queue_.begin(), queue_.begin() + count);
    committing_ = true;
    lock.unlock();
    commit_together(group);
    lock.lock();
    committing_ = false;
    for (Waiting* const waiting : group) waiting->done = true;
    queue_changed_.notify_all();
  }
  return std::move(mine.outcome);
}

void Database::commit_together(const std::vector<Waiting*>& group) {
  const auto together = try_together(group);
  failing_ = !together;
  if (together) return;
  // Alone, each would wait as long for another program's lock.
  if (group.size() == 1 || together.error().code == ErrorCode::unavailable) {
    for (Waiting* const waiting : group) waiting->outcome = together;
    return;
  }
  // What made all fail (a full disk, mostly) may be the fault of one that is too large.
  for (Waiting* const waiting : group) {
    auto alone = try_together({waiting});
    failing_ = !alone;
    if (!alone) waiting->outcome = std::move(alone);
  }
}

/// Sets the outcome of each change. An error is that of the transaction, which was rolled back with all of them.
Result<void> Database::try_together(const std::vector<Waiting*>& group) {
  Transaction transaction(*writer_);
  if (auto begun = transaction.begin(kBeginWrite); !begun) return begun;
  bool changed = false;
  for (Waiting* const waiting : group) {
    if (auto marked = writer_->execute("SAVEPOINT change"); !marked) return marked;
    waiting->outcome = apply(*waiting->change, *writer_);
    if (!writer_->in_transaction()) {
      return waiting->outcome ? fail(ErrorCode::io, "the transaction was rolled back") : waiting->outcome;
    }
    if (waiting->outcome) {
      changed = true;
    } else if (auto undone = writer_->execute("ROLLBACK TO change"); !undone) {
      return undone;
    }
    if (auto released = writer_->execute("RELEASE change"); !released) return released;
  }
  return changed ? transaction.commit() : Result<void>{};
}

Result<Database::Reader> Database::borrow() {
  std::unique_lock lock(readers_mutex_);
  reader_is_free_.wait(lock, [this] { return !free_readers_.empty() || readers_ < kMaxReaders; });
  if (!free_readers_.empty()) {
    Reader reader(free_readers_.back().release(), GiveBack{this});
    free_readers_.pop_back();
    return reader;
  }
  ++readers_;
  lock.unlock();
  auto opened = Connection::open(file_, Access::read, options_.busy_timeout);
  if (opened) return Reader(opened->release(), GiveBack{this});
  lock.lock();
  --readers_;
  reader_is_free_.notify_one();
  return tl::unexpected(std::move(opened.error()));
}

void Database::give_back(std::unique_ptr<Connection> reader) {
  const std::lock_guard lock(readers_mutex_);
  free_readers_.push_back(std::move(reader));
  reader_is_free_.notify_one();
}

Result<void> Database::check() {
  // A database whose file was deleted or replaced under us still takes writes that nobody will ever read.
  std::error_code error;
  if (!std::filesystem::exists(file_, error)) {
    return fail(ErrorCode::io, fmt::format("the database '{}' is gone; restart to make a new one", file_.string()));
  }
  return write(
      [probes = failing_.load()](Connection& connection) { return probes ? write_mark(connection) : Result<void>{}; });
}

}  // namespace topoforge::sqlite
