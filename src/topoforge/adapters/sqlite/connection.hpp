#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "topoforge/base/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

/// Purpose: one connection to a SQLite database file and its statements, with errors that say what to do.
/// Thread safety: one owner at a time.
namespace topoforge::sqlite {

class Connection;

/// What a parameter of a statement can be.
using Value = std::variant<std::nullptr_t, std::int64_t, double, std::string>;

/// A statement that the connection keeps for the next time.
struct Statement {
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  std::unique_ptr<sqlite3_stmt, Finalize> handle;
  bool in_use = false;
};

/// A statement under way: step() until it is false, or leave off before. It ends with the object, which the connection
/// outlives.
class Query {
 public:
  Query(const Connection& connection, Statement& statement);
  Query(Query&& other) noexcept
      : connection_(other.connection_), statement_(std::exchange(other.statement_, nullptr)) {}
  Query& operator=(Query&&) = delete;
  ~Query();

  /// True with a row to read, false at the end.
  Result<bool> step();
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] double real(int column) const;
  [[nodiscard]] std::string text(int column) const;
  /// Valid until the next step.
  [[nodiscard]] std::string_view text_view(int column) const;
  /// Valid until the next step.
  [[nodiscard]] std::span<const std::byte> bytes_view(int column) const;
  [[nodiscard]] bool is_null(int column) const;

  void bind(int parameter, std::int64_t value);
  void bind(int parameter, double value);
  void bind(int parameter, std::string_view value);
  void bind(int parameter, const std::string& value) { bind(parameter, std::string_view(value)); }
  void bind(int parameter, std::span<const std::byte> value);
  void bind(int parameter, std::nullptr_t);
  void bind(int parameter, const Value& value);
  template <std::integral T>
  void bind(int parameter, T value) {
    bind(parameter, static_cast<std::int64_t>(value));
  }
  template <class T>
  void bind(int parameter, const std::optional<T>& value) {
    value ? bind(parameter, *value) : bind(parameter, nullptr);
  }

 private:
  const Connection* connection_;
  Statement* statement_;
};

/// What a connection is for. A writer makes the file if it is not there.
enum class Access { write, read };

/// Distinct texts of statements that a connection keeps.
inline constexpr std::size_t kMaxStatements = 128;

class Connection {
 public:
  /// In WAL mode with synchronous=FULL: a commit that returned is on the disk. Another process that holds the lock is
  /// waited for. Errors: io (folder or file cannot be written), corrupt (no SQLite database), unavailable (locked).
  static Result<std::unique_ptr<Connection>> open(const std::filesystem::path& file, Access access,
                                                  std::chrono::milliseconds busy_timeout);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Statements without parameters and results.
  Result<void> execute(const char* sql);
  /// Starts the statement with its parameters ?1, ?2, ... Two at once must have different texts.
  template <class... V>
  Result<Query> query(std::string_view sql, const V&... values) {
    auto query = start(sql);
    if (query) {
      [[maybe_unused]] int parameter = 0;
      (query->bind(++parameter, values), ...);
    }
    return query;
  }
  Result<Query> query_with(std::string_view sql, const std::vector<Value>& values);
  /// A statement without results.
  template <class... V>
  Result<void> run(std::string_view sql, const V&... values) {
    auto running = query(sql, values...);
    if (!running) return tl::unexpected(std::move(running.error()));
    const auto row = running->step();
    if (!row) return tl::unexpected(row.error());
    return {};
  }
  /// The first column of the first row, 0 without a row.
  template <class... V>
  Result<std::int64_t> integer(std::string_view sql, const V&... values) {
    auto running = query(sql, values...);
    if (!running) return tl::unexpected(std::move(running.error()));
    const auto row = running->step();
    if (!row) return tl::unexpected(row.error());
    return *row ? running->integer(0) : 0;
  }
  [[nodiscard]] std::int64_t last_insert_rowid() const;
  /// Rows that the last statement inserted, updated or deleted.
  [[nodiscard]] std::size_t changes() const;
  /// False after an error that rolled everything back.
  [[nodiscard]] bool in_transaction() const;
  [[nodiscard]] const std::filesystem::path& file() const { return file_; }
  [[nodiscard]] sqlite3* handle() const { return handle_; }

  /// The error of the last call, by its SQLite result code.
  [[nodiscard]] Error error(int code) const;

 private:
  [[nodiscard]] std::string system_error() const;
  Connection(std::filesystem::path file, std::chrono::milliseconds busy_timeout)
      : file_(std::move(file)), busy_timeout_(busy_timeout) {}
  Result<Query> start(std::string_view sql);

  std::filesystem::path file_;
  std::chrono::milliseconds busy_timeout_;
  sqlite3* handle_ = nullptr;
  int open_errno_ = 0;  ///< why the file could not be made or opened for writing
  std::unordered_map<std::string, std::unique_ptr<Statement>> statements_;
};

/// Rolls back unless it was committed.
class Transaction {
 public:
  explicit Transaction(Connection& connection) : connection_(connection) {}
  ~Transaction() {
    if (open_ && connection_.in_transaction()) (void)connection_.execute("ROLLBACK");
  }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  /// "BEGIN IMMEDIATE" for writing, "BEGIN" for reading.
  Result<void> begin(const char* how);
  Result<void> commit();

 private:
  Connection& connection_;
  bool open_ = false;
};

/// While it lives, statements of the connection end with limit_exceeded after about so many steps of SQLite's machine.
class StepBound {
 public:
  StepBound(Connection& connection, int steps);
  ~StepBound();
  StepBound(const StepBound&) = delete;
  StepBound& operator=(const StepBound&) = delete;

 private:
  Connection& connection_;
};

}  // namespace topoforge::sqlite
