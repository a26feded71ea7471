// The copy of a database while it is in use; a part of Database.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <system_error>

#include <fmt/format.h>
#include <sqlite3.h>

#include "topoforge/adapters/sqlite/database.hpp"

namespace topoforge::sqlite {
namespace {

/// Pages that are copied between two looks at the target.
constexpr int kPagesAtOnce = 1024;

tl::unexpected<Error> already_exists(const std::filesystem::path& target) {
  return fail(ErrorCode::conflict, fmt::format("'{}' exists; name a new file for the backup", target.string()));
}

tl::unexpected<Error> cannot_write(const std::filesystem::path& target, const std::string& reason) {
  return fail(ErrorCode::io, fmt::format("cannot write the backup '{}': {}", target.string(), reason));
}

/// A new, empty file that only its owner may read; removed unless it was kept.
class NewFile {
 public:
  explicit NewFile(std::filesystem::path path) : path_(std::move(path)) {}
  ~NewFile() {
    std::error_code ignored;
    if (made_) std::filesystem::remove(path_, ignored);
  }
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  Result<void> make() {
    const int file = ::open(path_.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    if (file < 0 && errno == EEXIST) return already_exists(path_);
    if (file < 0) return cannot_write(path_, std::generic_category().message(errno));
    ::close(file);
    made_ = true;
    return {};
  }
  /// Gives it its name, if no other file has it.
  Result<void> keep_as(const std::filesystem::path& target) {
    std::error_code error;
    std::filesystem::create_hard_link(path_, target, error);
    if (error == std::errc::file_exists) return already_exists(target);
    if (!error) return {};
    // A file system without hard links.
    if (std::filesystem::exists(target)) return already_exists(target);
    std::filesystem::rename(path_, target, error);
    if (error) return cannot_write(target, error.message());
    made_ = false;
    return {};
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  bool made_ = false;
};

struct Close {
  void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
};

/// All pages of the state that the connection sees.
Result<void> copy_pages(Connection& from, const std::filesystem::path& to) {
  sqlite3* opened = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
  const int open_code = sqlite3_open_v2(to.c_str(), &opened, flags, nullptr);
  const std::unique_ptr<sqlite3, Close> copy(opened);
  if (open_code != SQLITE_OK) return cannot_write(to, sqlite3_errstr(open_code));
  sqlite3_backup* const backup = sqlite3_backup_init(copy.get(), "main", from.handle(), "main");
  if (backup == nullptr) return cannot_write(to, sqlite3_errmsg(copy.get()));
  int code = SQLITE_OK;
  while (code == SQLITE_OK) code = sqlite3_backup_step(backup, kPagesAtOnce);
  sqlite3_backup_finish(backup);
  if (code == SQLITE_DONE) return {};
  if ((code & 0xff) == SQLITE_CORRUPT) return tl::unexpected(from.error(code));
  return cannot_write(to, sqlite3_errstr(code));
}

}  // namespace

// The reader's transaction holds the state that is copied: writers go on meanwhile, and their changes are not in it.
Result<void> Database::backup(const std::filesystem::path& target) {
  std::error_code error;
  if (std::filesystem::exists(target, error)) return already_exists(target);
  NewFile part(target.string() + ".part");
  if (auto made = part.make(); !made) return made;
  auto copied = read([&](Connection& connection) -> Result<void> {
    // A transaction sees a state from its first look on.
    if (const auto first = connection.integer("SELECT count(*) FROM sqlite_schema"); !first) {
      return tl::unexpected(first.error());
    }
    return copy_pages(connection, part.path());
  });
  if (!copied) return copied;
  return part.keep_as(target);
}

}  // namespace topoforge::sqlite
