#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "topoforge/base/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

/// Purpose: one SQLite database file and its prepared statements, with errors that say what to do.
/// Thread safety: one owner at a time.
namespace topoforge::sqlite {

class Connection;

/// A prepared statement. Use: reset(), bind all parameters, step() until it is false.
class Statement {
 public:
  Statement& reset();
  Statement& bind(int parameter, std::int64_t value);
  Statement& bind(int parameter, double value);
  Statement& bind(int parameter, std::string_view value);
  Statement& bind_null(int parameter);
  /// True with a row to read, false at the end.
  Result<bool> step();

  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] std::string text(int column) const;

 private:
  friend class Connection;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  Statement(const Connection& connection, sqlite3_stmt* statement) : connection_(&connection), handle_(statement) {}

  const Connection* connection_;
  std::unique_ptr<sqlite3_stmt, Finalize> handle_;
};

class Connection {
 public:
  /// Opens the file or makes it, in WAL mode with synchronous=FULL: a commit that returned is on the disk.
  /// Errors: io (folder or file cannot be written), corrupt (damaged, or no SQLite database), unavailable (locked).
  static Result<std::unique_ptr<Connection>> open(const std::filesystem::path& file);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  Result<void> execute(const char* sql);
  Result<Statement> prepare(std::string_view sql) const;
  /// The single integer that a query such as `PRAGMA user_version` answers.
  Result<std::int64_t> integer(std::string_view sql) const;
  [[nodiscard]] std::int64_t last_insert_rowid() const;
  [[nodiscard]] const std::filesystem::path& file() const { return file_; }

  /// The error of the last call, by its SQLite result code.
  [[nodiscard]] Error error(int code) const;

 private:
  explicit Connection(std::filesystem::path file) : file_(std::move(file)) {}

  std::filesystem::path file_;
  sqlite3* handle_ = nullptr;
};

}  // namespace topoforge::sqlite
