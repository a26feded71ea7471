#include "topoforge/adapters/sqlite/connection.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>
#include <system_error>

#include <fmt/format.h>
#include <sqlite3.h>

namespace topoforge::sqlite {

void Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

Query::Query(const Connection& connection, Statement& statement) : connection_(&connection), statement_(&statement) {
  assert(!statement.in_use);
  statement.in_use = true;
}

Query::~Query() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_->handle.get());
  sqlite3_clear_bindings(statement_->handle.get());
  statement_->in_use = false;
}

Result<bool> Query::step() {
  errno = 0;  // what stands there is from elsewhere
  const int code = sqlite3_step(statement_->handle.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return tl::unexpected(connection_->error(code));
}

std::int64_t Query::integer(int column) const { return sqlite3_column_int64(statement_->handle.get(), column); }

double Query::real(int column) const { return sqlite3_column_double(statement_->handle.get(), column); }

std::string_view Query::text_view(int column) const {
  sqlite3_stmt* const row = statement_->handle.get();
  const unsigned char* const data = sqlite3_column_text(row, column);
  if (data == nullptr) return {};
  return {reinterpret_cast<const char*>(data), static_cast<std::size_t>(sqlite3_column_bytes(row, column))};
}

std::string Query::text(int column) const { return std::string(text_view(column)); }

std::span<const std::byte> Query::bytes_view(int column) const {
  sqlite3_stmt* const row = statement_->handle.get();
  const void* const data = sqlite3_column_blob(row, column);
  return {static_cast<const std::byte*>(data), static_cast<std::size_t>(sqlite3_column_bytes(row, column))};
}

bool Query::is_null(int column) const { return sqlite3_column_type(statement_->handle.get(), column) == SQLITE_NULL; }

// Binding fails only for a wrong parameter number or a text beyond SQLite's 1 GB, which are errors of ours.
void Query::bind(int parameter, std::int64_t value) {
  [[maybe_unused]] const int code = sqlite3_bind_int64(statement_->handle.get(), parameter, value);
  assert(code == SQLITE_OK);
}

void Query::bind(int parameter, double value) {
  [[maybe_unused]] const int code = sqlite3_bind_double(statement_->handle.get(), parameter, value);
  assert(code == SQLITE_OK);
}

void Query::bind(int parameter, std::string_view value) {
  // Not from a null pointer, which would bind NULL.
  [[maybe_unused]] const int code =
      sqlite3_bind_text64(statement_->handle.get(), parameter, value.empty() ? "" : value.data(), value.size(),
                          SQLITE_TRANSIENT, SQLITE_UTF8);
  assert(code == SQLITE_OK);
}

void Query::bind(int parameter, std::span<const std::byte> value) {
  [[maybe_unused]] const int code =
      sqlite3_bind_blob64(statement_->handle.get(), parameter, value.data(), value.size(), SQLITE_TRANSIENT);
  assert(code == SQLITE_OK);
}

void Query::bind(int parameter, std::nullptr_t) {
  [[maybe_unused]] const int code = sqlite3_bind_null(statement_->handle.get(), parameter);
  assert(code == SQLITE_OK);
}

void Query::bind(int parameter, const Value& value) {
  std::visit([&](const auto& one) { bind(parameter, one); }, value);
}

Result<std::unique_ptr<Connection>> Connection::open(const std::filesystem::path& file, Access access,
                                                     std::chrono::milliseconds busy_timeout) {
  std::unique_ptr<Connection> connection(new Connection(file, busy_timeout));
  if (access == Access::write) {
    // A new database is for its owner alone: it holds hashes and secrets. SQLite says what is wrong with the file.
    const int made = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (made < 0) connection->open_errno_ = errno;
    if (made >= 0) ::close(made);
  }
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  if (access == Access::write) flags |= SQLITE_OPEN_CREATE;
  if (const int code = sqlite3_open_v2(file.c_str(), &connection->handle_, flags, nullptr); code != SQLITE_OK) {
    return tl::unexpected(connection->error(code));
  }
  sqlite3_busy_timeout(connection->handle_, static_cast<int>(busy_timeout.count()));
  // SQLite opens a file that it may not write for reading alone, and would say so at the first anomaly.
  if (sqlite3_db_readonly(connection->handle_, "main") == 1) return tl::unexpected(connection->error(SQLITE_READONLY));
  const char* const pragmas =
      access == Access::write ? "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA journal_size_limit=67108864"
                              : "PRAGMA query_only=ON";
  if (auto done = connection->execute(pragmas); !done) return tl::unexpected(std::move(done.error()));
  connection->open_errno_ = 0;
  return connection;
}

Connection::~Connection() {
  statements_.clear();
  sqlite3_close_v2(handle_);
}

Result<void> Connection::execute(const char* sql) {
  errno = 0;
  if (const int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr); code != SQLITE_OK) {
    return tl::unexpected(error(code));
  }
  return {};
}

Result<Query> Connection::start(std::string_view sql) {
  std::string key(sql);
  if (const auto found = statements_.find(key); found != statements_.end()) return Query(*this, *found->second);
  sqlite3_stmt* handle = nullptr;
  errno = 0;
  const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                      &handle, nullptr);
  if (code != SQLITE_OK) return tl::unexpected(error(code));
  auto statement = std::make_unique<Statement>();
  statement->handle.reset(handle);
  if (statements_.size() >= kMaxStatements) {
    std::erase_if(statements_, [](const auto& kept) { return !kept.second->in_use; });
  }
  return Query(*this, *statements_.emplace(std::move(key), std::move(statement)).first->second);
}

Result<Query> Connection::query_with(std::string_view sql, const std::vector<Value>& values) {
  auto query = start(sql);
  if (query) {
    int parameter = 0;
    for (const Value& value : values) query->bind(++parameter, value);
  }
  return query;
}

std::int64_t Connection::last_insert_rowid() const { return sqlite3_last_insert_rowid(handle_); }

std::size_t Connection::changes() const { return static_cast<std::size_t>(sqlite3_changes64(handle_)); }

bool Connection::in_transaction() const { return sqlite3_get_autocommit(handle_) == 0; }

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
      const std::string system = system_error();
      const std::string reason = system.empty() ? std::string(what) : system;
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
                                                  name, static_cast<double>(busy_timeout_.count()) / 1000.0)};
    case SQLITE_INTERRUPT:
      return {ErrorCode::limit_exceeded, fmt::format("a query of the database '{}' took too many steps", name)};
    default: {
      const std::string system = system_error();
      const std::string reason = handle_ == nullptr ? "not open" : system.empty() ? sqlite3_errmsg(handle_) : system;
      return {ErrorCode::io, fmt::format("the database '{}' failed: {} ({})", name, what, reason)};
    }
  }
}

/// What the system said of the file; empty where it said nothing. When a file cannot be opened SQLite tries once more
/// to read it alone, and would tell of that; of a commit that fails it keeps nothing, but errno is still there, for it
/// is cleared before each call.
std::string Connection::system_error() const {
  int code = errno;
  if (handle_ != nullptr && sqlite3_system_errno(handle_) != 0) code = sqlite3_system_errno(handle_);
  if (open_errno_ != 0) code = open_errno_;
  return code == 0 ? std::string() : std::generic_category().message(code);
}

Result<void> Transaction::begin(const char* how) {
  auto done = connection_.execute(how);
  open_ = done.has_value();
  return done;
}

Result<void> Transaction::commit() {
  auto done = connection_.execute("COMMIT");
  open_ = !done;
  return done;
}

StepBound::StepBound(Connection& connection, int steps) : connection_(connection) {
  sqlite3_progress_handler(
      connection.handle(), steps, [](void*) { return 1; }, nullptr);
}

StepBound::~StepBound() { sqlite3_progress_handler(connection_.handle(), 0, nullptr, nullptr); }

}  // namespace topoforge::sqlite
