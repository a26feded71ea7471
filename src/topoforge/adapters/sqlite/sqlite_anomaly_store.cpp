#include "topoforge/adapters/sqlite/sqlite_anomaly_store.hpp"

#include <cstdint>
#include <optional>

#include "topoforge/adapters/sqlite/anomaly_rows.hpp"
#include "topoforge/adapters/sqlite/anomaly_search.hpp"
#include "topoforge/adapters/sqlite/anomaly_statistics.hpp"
#include "topoforge/codec/text/record_id.hpp"
#include "topoforge/ports/anomaly_cursor.hpp"
#include "topoforge/ports/anomaly_rules.hpp"

namespace topoforge {
namespace {

using sqlite::Connection;

/// The number of an id that came from outside; `otherwise` for an empty text.
Result<std::int64_t> read_id(const std::string& id, std::int64_t otherwise) {
  if (id.empty()) return otherwise;
  if (const auto row = number_of_id(id)) return *row;
  return no_anomaly_id(id);
}

/// The part of the matches that the query asks for, and one more, to know whether there are more.
Result<sqlite::Part> part_of(const AnomalyQuery& query) {
  if (auto valid = check_query(query); !valid) return tl::unexpected(std::move(valid.error()));
  sqlite::Part part{.newest_first = true, .skip = (query.page - 1) * query.limit, .limit = query.limit + 1};
  if (query.cursor.empty()) return part;
  auto id = read_cursor(query.cursor, query.filter);
  if (!id) return tl::unexpected(std::move(id.error()));
  const auto row = read_id(*id, 0);
  if (!row) return no_such_cursor();
  part.up_to = *row - 1;
  return part;
}

Result<std::vector<StoredAnomaly>> read_all(Connection& connection, const std::vector<std::int64_t>& ids) {
  std::vector<StoredAnomaly> anomalies;
  anomalies.reserve(ids.size());
  for (const std::int64_t id : ids) {
    auto anomaly = sqlite::read_anomaly(connection, id);
    if (!anomaly) return tl::unexpected(std::move(anomaly.error()));
    anomalies.push_back(std::move(*anomaly));
  }
  return anomalies;
}

}  // namespace

Result<std::unique_ptr<SqliteAnomalyStore>> SqliteAnomalyStore::open(const std::filesystem::path& file,
                                                                     sqlite::DatabaseOptions options) {
  auto database = sqlite::Database::open(file, options);
  if (!database) return tl::unexpected(std::move(database.error()));
  return std::make_unique<SqliteAnomalyStore>(std::move(*database));
}

Result<std::vector<std::string>> SqliteAnomalyStore::add(std::span<const NewAnomaly> anomalies, Timestamp now) {
  std::vector<sqlite::AnomalyRow> rows;
  rows.reserve(anomalies.size());
  for (const NewAnomaly& anomaly : anomalies) {
    auto row = sqlite::make_row(anomaly);
    if (!row) return tl::unexpected(std::move(row.error()));
    rows.push_back(std::move(*row));
  }
  std::vector<std::string> ids;
  if (rows.empty()) return ids;
  auto written = database_->write([&](Connection& connection) -> Result<void> {
    ids.clear();
    sqlite::CountChanges changes;
    for (const sqlite::AnomalyRow& row : rows) {
      const auto id = sqlite::insert_row(connection, row, now, changes);
      if (!id) return tl::unexpected(id.error());
      ids.push_back(id_text(*id));
    }
    return changes.write(connection);
  });
  if (!written) return tl::unexpected(std::move(written.error()));
  return ids;
}

Result<AnomalyPage> SqliteAnomalyStore::list(const AnomalyQuery& query) {
  const auto part = part_of(query);
  if (!part) return tl::unexpected(part.error());
  return database_->read([&](Connection& connection) -> Result<AnomalyPage> {
    const auto total = sqlite::count_matches(connection, query.filter);
    if (!total) return tl::unexpected(total.error());
    AnomalyPage page{.data = {}, .total = total->count, .total_is_exact = total->is_exact};
    if (total->is_exact && part->skip >= total->count) return page;
    auto ids = sqlite::find_anomalies(connection, query.filter, *part);
    if (!ids) return tl::unexpected(std::move(ids.error()));
    if (ids->size() > query.limit) {
      ids->pop_back();
      page.next_cursor = make_cursor(id_text(ids->back()), query.filter);
    }
    auto anomalies = read_all(connection, *ids);
    if (!anomalies) return tl::unexpected(std::move(anomalies.error()));
    page.data = std::move(*anomalies);
    return page;
  });
}

Result<std::vector<StoredAnomaly>> SqliteAnomalyStore::walk(const AnomalyWalk& part) {
  if (auto valid = check_walk(part); !valid) return tl::unexpected(std::move(valid.error()));
  const auto after = read_id(part.after, 0);
  if (!after) return tl::unexpected(after.error());
  const auto up_to = read_id(part.up_to, INT64_MAX);
  if (!up_to) return tl::unexpected(up_to.error());
  return database_->read([&](Connection& connection) -> Result<std::vector<StoredAnomaly>> {
    const auto ids =
        sqlite::find_anomalies(connection, part.filter, {.after = *after, .up_to = *up_to, .limit = part.limit});
    if (!ids) return tl::unexpected(ids.error());
    return read_all(connection, *ids);
  });
}

Result<std::string> SqliteAnomalyStore::newest_id() {
  return database_->read([](Connection& connection) -> Result<std::string> {
    const auto id = connection.integer("SELECT max(id) FROM anomalies");
    if (!id) return tl::unexpected(id.error());
    return *id == 0 ? std::string() : id_text(*id);
  });
}

Result<AnomalyStatistics> SqliteAnomalyStore::statistics(const StatisticsQuery& query) {
  if (auto valid = check_range(query.start, query.end); !valid) return tl::unexpected(std::move(valid.error()));
  return database_->read([&](Connection& connection) { return sqlite::read_statistics(connection, query); });
}

Result<StoredAnomaly> SqliteAnomalyStore::get(const std::string& id) {
  const auto row = number_of_id(id);
  if (!row) return no_such_anomaly();
  return database_->read([&](Connection& connection) { return sqlite::read_anomaly(connection, *row); });
}

Result<StoredAnomaly> SqliteAnomalyStore::review(const std::string& id, const NewReview& review, Timestamp now) {
  if (auto valid = check_note(review); !valid) return tl::unexpected(std::move(valid.error()));
  const auto row = number_of_id(id);
  if (!row) return no_such_anomaly();
  std::optional<StoredAnomaly> reviewed;
  auto written = database_->write([&](Connection& connection) -> Result<void> {
    if (auto done = sqlite::review_row(connection, *row, review, now); !done) return done;
    auto read = sqlite::read_anomaly(connection, *row);
    if (!read) return tl::unexpected(std::move(read.error()));
    reviewed = std::move(*read);
    return {};
  });
  if (!written) return tl::unexpected(std::move(written.error()));
  return std::move(*reviewed);
}

Result<void> SqliteAnomalyStore::erase(const std::string& id) {
  const auto row = number_of_id(id);
  if (!row) return no_such_anomaly();
  return database_->write([&](Connection& connection) -> Result<void> {
    sqlite::CountChanges changes;
    const auto erased = sqlite::delete_row(connection, *row, changes);
    if (!erased) return tl::unexpected(erased.error());
    if (!*erased) return no_such_anomaly();
    return changes.write(connection);
  });
}

Result<std::size_t> SqliteAnomalyStore::erase_before(Timestamp time) {
  std::size_t count = 0;
  auto written = database_->write([&](Connection& connection) -> Result<void> {
    const auto ids = sqlite::oldest_before(connection, time, kMaxAnomalyLimit);
    if (!ids) return tl::unexpected(ids.error());
    sqlite::CountChanges changes;
    for (const std::int64_t id : *ids) {
      if (const auto erased = sqlite::delete_row(connection, id, changes); !erased)
        return tl::unexpected(erased.error());
    }
    count = ids->size();
    return changes.write(connection);
  });
  if (!written) return tl::unexpected(std::move(written.error()));
  return count;
}

}  // namespace topoforge
