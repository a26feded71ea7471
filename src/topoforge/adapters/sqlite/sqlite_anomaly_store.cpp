#include "topoforge/adapters/sqlite/sqlite_anomaly_store.hpp"

#include <charconv>
#include <cstdint>
#include <mutex>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "topoforge/adapters/sqlite/connection.hpp"
#include "topoforge/codec/json/analysis_json.hpp"
#include "topoforge/codec/json/event_json.hpp"
#include "topoforge/codec/json/json_text.hpp"

namespace topoforge {
namespace {

using sqlite::Connection;
using sqlite::Statement;

/// "TopF": marks the file as ours.
constexpr std::int64_t kApplicationId = 0x546f7046;
constexpr std::int64_t kSchemaVersion = 1;
constexpr const char* kSchema = R"(
  CREATE TABLE anomalies (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    stored_at INTEGER NOT NULL,  -- microseconds since 1970, UTC
    time      INTEGER,           -- of the event, where it had one
    source    TEXT NOT NULL,
    score     REAL NOT NULL,
    analysis  TEXT NOT NULL,     -- JSON
    event     TEXT NOT NULL      -- JSON
  );
  CREATE INDEX anomalies_time ON anomalies (time);
  CREATE INDEX anomalies_source ON anomalies (source, id);
  CREATE INDEX anomalies_score ON anomalies (score);
  PRAGMA application_id = 0x546f7046;
  PRAGMA user_version = 1;
)";
constexpr std::size_t kIdDigits = 16;

std::string id_text(std::int64_t row) { return fmt::format("{:0{}x}", row, kIdDigits); }

std::optional<std::int64_t> row_of(const std::string& id) {
  std::int64_t row = 0;
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), row, 16);
  if (error != std::errc() || end != id.data() + id.size() || id_text(row) != id) return std::nullopt;
  return row;
}

/// Rolls back unless it was committed.
class Transaction {
 public:
  explicit Transaction(Connection& connection) : connection_(connection) {}
  ~Transaction() {
    if (open_) (void)connection_.execute("ROLLBACK");
  }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  Result<void> begin() {
    auto done = connection_.execute("BEGIN IMMEDIATE");
    open_ = done.has_value();
    return done;
  }
  Result<void> commit() {
    auto done = connection_.execute("COMMIT");
    open_ = !done;
    return done;
  }

 private:
  Connection& connection_;
  bool open_ = false;
};

Result<void> prepare_schema(Connection& connection) {
  Transaction transaction(connection);  // so that two programs that start at once make the tables once
  if (auto begun = transaction.begin(); !begun) return begun;
  const auto version = connection.integer("PRAGMA user_version");
  const auto application = connection.integer("PRAGMA application_id");
  const auto tables = connection.integer("SELECT count(*) FROM sqlite_schema");
  for (const auto* value : {&version, &application, &tables}) {
    if (!*value) return tl::unexpected(value->error());
  }
  const std::string name = connection.file().string();
  if (*tables > 0 && *application != kApplicationId) {
    return fail(
        ErrorCode::invalid_data,
        fmt::format("the database '{}' belongs to another program; choose another folder with --data-dir", name));
  }
  if (*version > kSchemaVersion) {
    return fail(ErrorCode::invalid_data,
                fmt::format("the database '{}' has layout {}, this program knows layouts up to {}; use the newer "
                            "TopoForge that made it, or another folder with --data-dir",
                            name, *version, kSchemaVersion));
  }
  if (*version == 0) {
    if (auto made = connection.execute(kSchema); !made) return made;
  }
  return transaction.commit();
}

std::optional<std::int64_t> microseconds(const std::optional<Timestamp>& time) {
  if (!time) return std::nullopt;
  return time->time_since_epoch().count();
}

Error damaged_row(const Connection& connection, std::int64_t row, const std::string& reason) {
  return {ErrorCode::corrupt, fmt::format("anomaly {} in the database '{}' is damaged: {}", id_text(row),
                                          connection.file().string(), reason)};
}

/// Reads a row of `SELECT id, stored_at, analysis, event`.
Result<StoredAnomaly> read_row(const Connection& connection, const Statement& row) {
  const std::int64_t id = row.integer(0);
  const auto json = parse_json(row.text(2));
  if (!json) return tl::unexpected(damaged_row(connection, id, json.error().message));
  auto analysis = analysis_from_json(*json);
  if (!analysis) return tl::unexpected(damaged_row(connection, id, analysis.error().message));
  auto event = parse_event(row.text(3));
  if (!event) return tl::unexpected(damaged_row(connection, id, event.error().message));
  return StoredAnomaly{.id = id_text(id),
                       .stored_at = Timestamp{std::chrono::microseconds{row.integer(1)}},
                       .analysis = std::move(*analysis),
                       .event = std::move(*event)};
}

Result<void> check_query(const AnomalyQuery& query) {
  if (query.page < 1 || query.page > kMaxAnomalyPage) {
    return fail(ErrorCode::invalid_argument, fmt::format("page {} is outside 1 to {}", query.page, kMaxAnomalyPage));
  }
  if (query.limit < 1 || query.limit > kMaxAnomalyLimit) {
    return fail(ErrorCode::invalid_argument, fmt::format("limit {} is outside 1 to {}", query.limit, kMaxAnomalyLimit));
  }
  return {};
}

}  // namespace

struct SqliteAnomalyStore::State {
  std::mutex mutex;  ///< owns the rest
  std::unique_ptr<Connection> connection;
  std::optional<Statement> insert, get;

  /// Prepares `select FROM anomalies WHERE what the query asks`, so that the index that fits is used.
  Result<Statement> prepare(std::string select, const AnomalyQuery& query, const char* rest) const {
    select += " FROM anomalies WHERE 1";
    if (query.source) select += " AND source = ?1";
    if (query.min_score) select += " AND score >= ?2";
    auto statement = connection->prepare(select + rest);
    if (!statement) return statement;
    if (query.source) statement->bind(1, std::string_view(*query.source));
    if (query.min_score) statement->bind(2, *query.min_score);
    return statement;
  }
};

Result<std::unique_ptr<SqliteAnomalyStore>> SqliteAnomalyStore::open(const std::filesystem::path& file) {
  auto connection = Connection::open(file);
  if (!connection) return tl::unexpected(std::move(connection.error()));
  if (auto ready = prepare_schema(**connection); !ready) return tl::unexpected(std::move(ready.error()));
  auto insert = (*connection)
                    ->prepare(
                        "INSERT INTO anomalies (stored_at, time, source, score, analysis, event) VALUES (?1, ?2, ?3, "
                        "?4, ?5, ?6)");
  if (!insert) return tl::unexpected(std::move(insert.error()));
  auto get = (*connection)->prepare("SELECT id, stored_at, analysis, event FROM anomalies WHERE id = ?1");
  if (!get) return tl::unexpected(std::move(get.error()));
  auto state = std::make_unique<State>();
  state->connection = std::move(*connection);
  state->insert = std::move(*insert);
  state->get = std::move(*get);
  return std::unique_ptr<SqliteAnomalyStore>(new SqliteAnomalyStore(std::move(state)));
}

SqliteAnomalyStore::SqliteAnomalyStore(std::unique_ptr<State> state) : state_(std::move(state)) {}
SqliteAnomalyStore::~SqliteAnomalyStore() = default;

Result<std::vector<std::string>> SqliteAnomalyStore::add(std::span<const NewAnomaly> anomalies, Timestamp now) {
  const std::lock_guard lock(state_->mutex);
  std::vector<std::string> ids;
  if (anomalies.empty()) return ids;
  Transaction transaction(*state_->connection);
  if (auto begun = transaction.begin(); !begun) return tl::unexpected(std::move(begun.error()));
  Statement& insert = *state_->insert;
  for (const auto& [analysis, event] : anomalies) {
    insert.reset().bind(1, std::int64_t{now.time_since_epoch().count()});
    if (const auto time = microseconds(analysis.timestamp)) insert.bind(2, *time);
    insert.bind(3, std::string_view(analysis.stream.source)).bind(4, analysis.anomaly_score);
    insert.bind(5, std::string_view(print_json(analysis_to_json(analysis))));
    insert.bind(6, std::string_view(print_json(event_to_json(event))));
    if (auto done = insert.step(); !done) return tl::unexpected(std::move(done.error()));
    ids.push_back(id_text(state_->connection->last_insert_rowid()));
  }
  if (auto committed = transaction.commit(); !committed) return tl::unexpected(std::move(committed.error()));
  return ids;
}

Result<AnomalyPage> SqliteAnomalyStore::list(const AnomalyQuery& query) {
  if (auto valid = check_query(query); !valid) return tl::unexpected(std::move(valid.error()));
  const std::lock_guard lock(state_->mutex);
  AnomalyPage page;
  auto count = state_->prepare("SELECT count(*)", query, "");
  if (!count) return tl::unexpected(std::move(count.error()));
  if (const auto row = count->step(); !row) return tl::unexpected(row.error());
  page.total = static_cast<std::size_t>(count->integer(0));

  auto list = state_->prepare("SELECT id, stored_at, analysis, event", query, " ORDER BY id DESC LIMIT ?3 OFFSET ?4");
  if (!list) return tl::unexpected(std::move(list.error()));
  list->bind(3, static_cast<std::int64_t>(query.limit));
  list->bind(4, static_cast<std::int64_t>((query.page - 1) * query.limit));
  while (true) {
    const auto row = list->step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return page;
    auto anomaly = read_row(*state_->connection, *list);
    if (!anomaly) return tl::unexpected(std::move(anomaly.error()));
    page.data.push_back(std::move(*anomaly));
  }
}

Result<StoredAnomaly> SqliteAnomalyStore::get(const std::string& id) {
  const auto row_id = row_of(id);
  if (!row_id) return fail(ErrorCode::not_found, "Anomaly not found");
  const std::lock_guard lock(state_->mutex);
  state_->get->reset().bind(1, *row_id);
  const auto row = state_->get->step();
  if (!row) return tl::unexpected(row.error());
  if (!*row) return fail(ErrorCode::not_found, "Anomaly not found");
  auto anomaly = read_row(*state_->connection, *state_->get);
  state_->get->reset();
  return anomaly;
}

Result<void> SqliteAnomalyStore::check() {
  const std::lock_guard lock(state_->mutex);
  // A database whose file was deleted or replaced under us still takes writes that nobody will ever read.
  std::error_code error;
  if (!std::filesystem::exists(state_->connection->file(), error)) {
    return fail(ErrorCode::io, fmt::format("the database '{}' is gone; restart to make a new one",
                                           state_->connection->file().string()));
  }
  Transaction transaction(*state_->connection);
  return transaction.begin();
}

}  // namespace topoforge
