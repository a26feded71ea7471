#include "topoforge/adapters/sqlite/anomaly_rows.hpp"

#include <bit>
#include <cstring>
#include <span>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "topoforge/codec/json/analysis_json.hpp"
#include "topoforge/codec/json/event_json.hpp"
#include "topoforge/codec/json/json_text.hpp"
#include "topoforge/codec/text/record_id.hpp"
#include "topoforge/ports/anomaly_rules.hpp"

namespace topoforge::sqlite {
namespace {

/// As the column has them.
Result<std::string> joined_techniques(const Analysis& analysis) {
  const auto ids = techniques_of(analysis);
  if (!ids) return tl::unexpected(ids.error());
  std::string techniques;
  for (const std::string_view id : *ids) {
    techniques += kTechniqueEnd;
    techniques += id;
  }
  if (!ids->empty()) techniques += kTechniqueEnd;
  return techniques;
}

Error damaged(const Connection& connection, std::int64_t id, std::string_view reason) {
  return {ErrorCode::corrupt, fmt::format("anomaly {} in the database '{}' is damaged: {}", id_text(id),
                                          connection.file().string(), reason)};
}

static_assert(std::endian::native == std::endian::little, "landscapes are stored as they lie in memory");

/// x and y one after the other; nothing when they are not of one length, and stay in the JSON.
std::optional<std::vector<std::byte>> landscape_bytes(const TopologySummary& topology) {
  const std::vector<double>& x = topology.landscape_x;
  const std::vector<double>& y = topology.landscape_y;
  if (x.size() != y.size()) return std::nullopt;
  std::vector<std::byte> bytes;
  bytes.reserve((x.size() + y.size()) * sizeof(double));
  for (const auto* const values : {&x, &y}) {
    const auto part = std::as_bytes(std::span(*values));
    bytes.insert(bytes.end(), part.begin(), part.end());
  }
  return bytes;
}

bool read_landscape(std::span<const std::byte> bytes, TopologySummary& topology) {
  const std::size_t half = bytes.size() / 2;
  if (bytes.size() % (2 * sizeof(double)) != 0) return false;
  for (auto* const values : {&topology.landscape_x, &topology.landscape_y}) {
    values->resize(half / sizeof(double));
    if (half > 0) std::memcpy(values->data(), bytes.data(), half);
    bytes = bytes.subspan(half);
  }
  return true;
}

/// The document of the anomaly into it.
Result<void> read_document(Connection& connection, std::int64_t id, StoredAnomaly& anomaly) {
  auto row = connection.query("SELECT analysis, landscape, event FROM anomaly_documents WHERE id = ?1", id);
  if (!row) return tl::unexpected(std::move(row.error()));
  const auto found = row->step();
  if (!found) return tl::unexpected(found.error());
  if (!*found) return tl::unexpected(damaged(connection, id, "its analysis is missing"));
  const auto json = parse_json(row->text_view(0));
  if (!json) return tl::unexpected(damaged(connection, id, json.error().message));
  auto analysis = analysis_from_json(*json);
  if (!analysis) return tl::unexpected(damaged(connection, id, analysis.error().message));
  anomaly.analysis = std::move(*analysis);
  if (!row->is_null(1) && !read_landscape(row->bytes_view(1), anomaly.analysis.topology)) {
    return tl::unexpected(damaged(connection, id, "its landscape is cut"));
  }
  if (row->is_null(2)) return {};
  auto event = parse_event(row->text_view(2));
  if (!event) return tl::unexpected(damaged(connection, id, event.error().message));
  anomaly.event = std::move(*event);
  return {};
}

Result<void> change_technique_rows(Connection& connection, const char* sql, std::string_view techniques,
                                   std::int64_t id) {
  Result<void> done;
  for_each_technique(techniques, [&](std::string_view technique) {
    if (done) done = connection.run(sql, technique, id);
  });
  return done;
}

}  // namespace

Result<StoredAnomaly> read_anomaly(Connection& connection, std::int64_t id) {
  auto row = connection.query(
      "SELECT time, stored_at, origin, created_by, label, acknowledged_at, acknowledged_by, note, revision "
      "FROM anomalies WHERE id = ?1",
      id);
  if (!row) return tl::unexpected(std::move(row.error()));
  const auto found = row->step();
  if (!found) return tl::unexpected(found.error());
  if (!*found) return no_such_anomaly();
  StoredAnomaly anomaly;
  anomaly.id = id_text(id);
  anomaly.time = timestamp(row->integer(0));
  anomaly.stored_at = timestamp(row->integer(1));
  anomaly.origin = static_cast<AnomalyOrigin>(row->integer(2));
  anomaly.created_by = row->text(3);
  anomaly.review.label = static_cast<AnomalyLabel>(row->integer(4));
  if (!row->is_null(5)) anomaly.review.acknowledged_at = timestamp(row->integer(5));
  anomaly.review.acknowledged_by = row->text(6);
  anomaly.review.note = row->text(7);
  anomaly.review.revision = static_cast<std::uint64_t>(row->integer(8));
  if (auto read = read_document(connection, id, anomaly); !read) return tl::unexpected(std::move(read.error()));
  return anomaly;
}

Result<AnomalyRow> make_row(const NewAnomaly& anomaly) {
  if (auto good = check_score(anomaly.analysis); !good) return tl::unexpected(std::move(good.error()));
  auto techniques = joined_techniques(anomaly.analysis);
  if (!techniques) return tl::unexpected(std::move(techniques.error()));
  AnomalyRow row{.anomaly = &anomaly,
                 .techniques = std::move(*techniques),
                 .analysis = {},
                 .landscape = landscape_bytes(anomaly.analysis.topology),
                 .event = {}};
  Analysis rest = anomaly.analysis;
  if (row.landscape) {
    rest.topology.landscape_x.clear();
    rest.topology.landscape_y.clear();
  }
  row.analysis = print_json(analysis_to_json(rest));
  if (anomaly.event) row.event = print_json(event_to_json(*anomaly.event));
  return row;
}

Result<std::int64_t> insert_row(Connection& connection, const AnomalyRow& row, Timestamp now, CountChanges& changes) {
  const Analysis& analysis = row.anomaly->analysis;
  const std::int64_t time = microseconds(analysis.timestamp.value_or(now));
  const auto risk = static_cast<std::int64_t>(analysis.risk_level);
  auto done = connection.run(
      "INSERT INTO anomalies (time, stored_at, source, entity, score, is_anomaly, risk, techniques, origin, "
      "created_by) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
      time, microseconds(now), analysis.stream.source, analysis.stream.entity, analysis.anomaly_score,
      analysis.is_anomaly, risk, row.techniques, static_cast<std::int64_t>(row.anomaly->origin),
      row.anomaly->created_by);
  if (!done) return tl::unexpected(std::move(done.error()));
  const std::int64_t id = connection.last_insert_rowid();
  done = connection.run("INSERT INTO anomaly_documents VALUES (?1, ?2, ?3, ?4)", id, row.analysis, row.landscape,
                        row.event);
  if (done)
    done = change_technique_rows(connection, "INSERT INTO anomaly_techniques VALUES (?1, ?2)", row.techniques, id);
  if (!done) return tl::unexpected(std::move(done.error()));
  changes.add({.id = id,
               .time = time,
               .source = analysis.stream.source,
               .entity = analysis.stream.entity,
               .score = analysis.anomaly_score,
               .is_anomaly = analysis.is_anomaly,
               .risk = risk,
               .techniques = row.techniques,
               .acknowledged = false,
               .label = 0});
  return id;
}

Result<bool> delete_row(Connection& connection, std::int64_t id, CountChanges& changes) {
  std::string techniques;
  {
    auto row = connection.query(std::string("SELECT ") + kCountedColumns + " FROM anomalies WHERE id = ?1", id);
    if (!row) return tl::unexpected(std::move(row.error()));
    const auto found = row->step();
    if (!found) return tl::unexpected(found.error());
    if (!*found) return false;
    const CountedAnomaly anomaly = counted_of(*row);
    changes.take(anomaly);
    techniques = anomaly.techniques;
  }
  for (const char* const sql : {"DELETE FROM anomaly_documents WHERE id = ?1", "DELETE FROM anomalies WHERE id = ?1"}) {
    if (auto done = connection.run(sql, id); !done) return tl::unexpected(std::move(done.error()));
  }
  auto done = change_technique_rows(connection, "DELETE FROM anomaly_techniques WHERE technique = ?1 AND anomaly = ?2",
                                    techniques, id);
  if (!done) return tl::unexpected(std::move(done.error()));
  return true;
}

Result<void> review_row(Connection& connection, std::int64_t id, const NewReview& review, Timestamp now) {
  CountChanges changes;
  {
    auto row =
        connection.query(std::string("SELECT ") + kCountedColumns + ", revision FROM anomalies WHERE id = ?1", id);
    if (!row) return tl::unexpected(std::move(row.error()));
    const auto found = row->step();
    if (!found) return tl::unexpected(found.error());
    if (!*found) return no_such_anomaly();
    const auto revision = static_cast<std::uint64_t>(row->integer(10));
    if (review.revision && *review.revision != revision) return reviewed_meanwhile(*review.revision, revision);
    CountedAnomaly anomaly = counted_of(*row);
    changes.take(anomaly);
    anomaly.acknowledged = true;
    anomaly.label = static_cast<std::int64_t>(review.label);
    changes.add(anomaly);
  }
  auto done = connection.run(
      "UPDATE anomalies SET label = ?2, acknowledged_at = ?3, acknowledged_by = ?4, note = ?5, revision = revision + 1 "
      "WHERE id = ?1",
      id, static_cast<std::int64_t>(review.label), microseconds(now), review.acknowledged_by, review.note);
  return done ? changes.write(connection) : done;
}

Result<std::vector<std::int64_t>> read_ids(Query& rows) {
  std::vector<std::int64_t> ids;
  while (true) {
    const auto row = rows.step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return ids;
    ids.push_back(rows.integer(0));
  }
}

Result<std::vector<std::int64_t>> oldest_before(Connection& connection, Timestamp time, std::size_t limit) {
  auto rows =
      connection.query("SELECT id FROM anomalies INDEXED BY anomalies_time WHERE time < ?1 ORDER BY time LIMIT ?2",
                       microseconds(time), limit);
  if (!rows) return tl::unexpected(std::move(rows.error()));
  return read_ids(*rows);
}

}  // namespace topoforge::sqlite
