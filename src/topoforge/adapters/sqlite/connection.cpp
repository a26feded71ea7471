#include "topoforge/adapters/sqlite/connection.hpp"

#include <cassert>
#include <cerrno>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <sqlite3.h>

namespace topoforge::sqlite {
namespace {

/// How long a call waits for another process that holds the lock.
constexpr int kBusyTimeoutMs = 5000;

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

Statement& Statement::reset() {
  sqlite3_reset(handle_.get());
  sqlite3_clear_bindings(handle_.get());
  return *this;
}

// Binding fails only for a wrong parameter number or a text beyond SQLite's 1 GB, which are errors of ours.
Statement& Statement::bind(int parameter, std::int64_t value) {
  [[maybe_unused]] const int code = sqlite3_bind_int64(handle_.get(), parameter, value);
  assert(code == SQLITE_OK);
  return *this;
}

Statement& Statement::bind(int parameter, double value) {
  [[maybe_unused]] const int code = sqlite3_bind_double(handle_.get(), parameter, value);
  assert(code == SQLITE_OK);
  return *this;
}

Statement& Statement::bind(int parameter, std::string_view value) {
  [[maybe_unused]] const int code =
      sqlite3_bind_text64(handle_.get(), parameter, value.data(), value.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  assert(code == SQLITE_OK);
  return *this;
}

Statement& Statement::bind_null(int parameter) {
  [[maybe_unused]] const int code = sqlite3_bind_null(handle_.get(), parameter);
  assert(code == SQLITE_OK);
  return *this;
}

Result<bool> Statement::step() {
  const int code = sqlite3_step(handle_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) {
    sqlite3_reset(handle_.get());
    return false;
  }
  Error error = connection_->error(code);
  sqlite3_reset(handle_.get());
  return tl::unexpected(std::move(error));
}

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(handle_.get(), column); }

std::string Statement::text(int column) const {
  const unsigned char* const data = sqlite3_column_text(handle_.get(), column);
  if (data == nullptr) return {};
  return {reinterpret_cast<const char*>(data), static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column))};
}

Result<std::unique_ptr<Connection>> Connection::open(const std::filesystem::path& file) {
  std::unique_ptr<Connection> connection(new Connection(file));
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX | SQLITE_OPEN_EXRESCODE;
  if (const int code = sqlite3_open_v2(file.c_str(), &connection->handle_, flags, nullptr); code != SQLITE_OK) {
    return tl::unexpected(connection->error(code));
  }
  sqlite3_busy_timeout(connection->handle_, kBusyTimeoutMs);
  // SQLite opens a file that it may not write for reading alone, and would say so at the first anomaly.
  if (sqlite3_db_readonly(connection->handle_, "main") == 1) return tl::unexpected(connection->error(SQLITE_READONLY));
  for (const char* const pragma : {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA foreign_keys=ON"}) {
    if (auto done = connection->execute(pragma); !done) return tl::unexpected(std::move(done.error()));
  }
  auto check = connection->prepare("PRAGMA quick_check(1)");
  if (!check) return tl::unexpected(std::move(check.error()));
  const auto row = check->step();
  if (!row) return tl::unexpected(row.error());
  if (!*row || check->text(0) != "ok") return tl::unexpected(connection->error(SQLITE_CORRUPT));
  return connection;
}

Connection::~Connection() { sqlite3_close_v2(handle_); }

Result<void> Connection::execute(const char* sql) {
  if (const int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr); code != SQLITE_OK) {
    return tl::unexpected(error(code));
  }
  return {};
}

Result<Statement> Connection::prepare(std::string_view sql) const {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                      &statement, nullptr);
  if (code != SQLITE_OK) return tl::unexpected(error(code));
  return Statement(*this, statement);
}

Result<std::int64_t> Connection::integer(std::string_view sql) const {
  auto statement = prepare(sql);
  if (!statement) return tl::unexpected(std::move(statement.error()));
  const auto row = statement->step();
  if (!row) return tl::unexpected(row.error());
  return statement->integer(0);
}

std::int64_t Connection::last_insert_rowid() const { return sqlite3_last_insert_rowid(handle_); }

Error Connection::error(int code) const {
  const std::string name = file_.string();
  const char* const what = sqlite3_errstr(code);
  switch (code & 0xff) {
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      return {ErrorCode::corrupt,
              fmt::format("the database '{}' is damaged or is no SQLite database ({}); restore it from a copy, or move "
                          "it away to begin with an empty one",
                          name, what)};
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH: {
      const int system = handle_ == nullptr ? 0 : sqlite3_system_errno(handle_);
      const std::string reason = system == 0 ? std::string(what) : std::generic_category().message(system);
      return {ErrorCode::io,
              fmt::format("cannot write the database '{}' ({}); make the file and its folder writable, or choose "
                          "another folder with --data-dir",
                          name, reason)};
    }
    case SQLITE_FULL:
      return {ErrorCode::io, fmt::format("the disk that holds the database '{}' is full; free some space", name)};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {ErrorCode::unavailable, fmt::format("the database '{}' is locked by another program for more than {} s",
                                                  name, kBusyTimeoutMs / 1000)};
    default: return {ErrorCode::io, fmt::format("the database '{}' failed: {}", name, what)};
  }
}

}  // namespace topoforge::sqlite
