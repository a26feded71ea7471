#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "topoforge/adapters/sqlite/anomaly_counts.hpp"
#include "topoforge/adapters/sqlite/connection.hpp"
#include "topoforge/base/result.hpp"
#include "topoforge/ports/anomaly_store.hpp"

/// Purpose: an anomaly as the rows of its tables and back. Thread safety: one owner of the connection at a time.
namespace topoforge::sqlite {

inline std::int64_t microseconds(Timestamp time) { return time.time_since_epoch().count(); }
inline Timestamp timestamp(std::int64_t microseconds) { return Timestamp{std::chrono::microseconds{microseconds}}; }

/// Errors: not_found; corrupt; those of the connection.
Result<StoredAnomaly> read_anomaly(Connection& connection, std::int64_t id);

/// An anomaly as texts, made before the database is asked to write.
struct AnomalyRow {
  const NewAnomaly* anomaly;
  std::string techniques;
  std::string analysis;
  std::optional<std::vector<std::byte>> landscape;
  std::optional<std::string> event;
};
/// Errors: invalid_argument, see AnomalyStore::add().
Result<AnomalyRow> make_row(const NewAnomaly& anomaly);

/// Inserts the anomaly everywhere but for the counters, which are noted. Returns its number.
Result<std::int64_t> insert_row(Connection& connection, const AnomalyRow& row, Timestamp now, CountChanges& changes);

/// Deletes the anomaly with the number likewise. False when there is none.
Result<bool> delete_row(Connection& connection, std::int64_t id, CountChanges& changes);

/// Reviews the anomaly. Errors: not_found, conflict.
Result<void> review_row(Connection& connection, std::int64_t id, const NewReview& review, Timestamp now);

/// The first column of all rows.
Result<std::vector<std::int64_t>> read_ids(Query& rows);

/// The ids of the first `limit` anomalies by time that are before it.
Result<std::vector<std::int64_t>> oldest_before(Connection& connection, Timestamp time, std::size_t limit);

}  // namespace topoforge::sqlite
