#include "topoforge/adapters/sqlite/schema.hpp"

#include <initializer_list>
#include <string>

#include <fmt/format.h>

#include "topoforge/adapters/sqlite/anomaly_counts.hpp"

namespace topoforge::sqlite {
namespace {

/// "TopF": marks the file as ours.
constexpr std::int64_t kApplicationId = 0x546f7046;

constexpr const char* kTables = R"(
  CREATE TABLE anomalies (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    time            INTEGER NOT NULL,             -- microseconds since 1970, UTC: of the analysis, else stored_at
    stored_at       INTEGER NOT NULL,             -- the same unit
    source          TEXT NOT NULL,
    entity          TEXT NOT NULL,
    score           REAL NOT NULL,
    is_anomaly      INTEGER NOT NULL,
    risk            INTEGER NOT NULL,             -- 0 Low to 3 Critical
    techniques      TEXT NOT NULL,                -- ATT&CK ids, sorted, with a space before and behind each: ' T1 T2 '
    origin          INTEGER NOT NULL DEFAULT 0,   -- 0 engine, 1 manual
    created_by      TEXT NOT NULL DEFAULT '',
    label           INTEGER NOT NULL DEFAULT 0,   -- 0 none, 1 true positive, 2 false positive
    acknowledged_at INTEGER,
    acknowledged_by TEXT NOT NULL DEFAULT '',
    note            TEXT NOT NULL DEFAULT '',
    revision        INTEGER NOT NULL DEFAULT 0
  );
  CREATE TABLE anomaly_documents (
    id        INTEGER PRIMARY KEY,
    analysis  TEXT NOT NULL,  -- JSON, but for the
    landscape BLOB,           -- x and y of the landscape: doubles, little endian; they would be half of the JSON
    event     TEXT            -- JSON
  );
  CREATE TABLE anomaly_techniques (
    technique TEXT NOT NULL,
    anomaly   INTEGER NOT NULL,
    PRIMARY KEY (technique, anomaly)
  ) WITHOUT ROWID;
  CREATE TABLE anomaly_counts (
    span       INTEGER NOT NULL,  -- seconds, 0 for all time
    kind       INTEGER NOT NULL,  -- see CountKind
    start      INTEGER NOT NULL,  -- seconds since 1970
    name       TEXT NOT NULL,
    is_anomaly INTEGER NOT NULL,
    count      INTEGER NOT NULL,
    first_id   INTEGER NOT NULL,  -- no smaller id is in it
    last_id    INTEGER NOT NULL,
    PRIMARY KEY (span, kind, start, name, is_anomaly)
  ) WITHOUT ROWID;
  CREATE TABLE anomaly_blocks (
    block INTEGER PRIMARY KEY,
    count INTEGER NOT NULL
  );
)";

/// Each has all that filters look at, so that what is left of a filter needs no look at the table; that of time what
/// statistics look at as well. Where the id stands second, what is found comes in its order.
constexpr const char* kIndexes = R"(
  CREATE INDEX anomalies_time ON anomalies
    (time, is_anomaly, risk, source, entity, score, techniques, label, acknowledged_at);
  CREATE INDEX anomalies_source ON anomalies (source, id, time, entity, is_anomaly, risk, score, techniques);
  CREATE INDEX anomalies_entity ON anomalies (entity, id, time, source, is_anomaly, risk, score, techniques)
    WHERE entity <> '';
  CREATE INDEX anomalies_risk ON anomalies (risk, id, time, source, entity, is_anomaly, score, techniques);
  CREATE INDEX anomalies_score ON anomalies (score);
  CREATE INDEX anomalies_normal ON anomalies (is_anomaly, id) WHERE is_anomaly = 0;
)";

constexpr const char* kMark = "PRAGMA application_id = 0x546f7046; PRAGMA user_version = 2";

/// What layout 1 had in one row becomes two, and what only the JSON knew becomes columns.
constexpr const char* kSplitRows = R"(
  DROP INDEX anomalies_time;
  DROP INDEX anomalies_source;
  DROP INDEX anomalies_score;
  ALTER TABLE anomalies RENAME TO anomalies_1;
)";
constexpr const char* kFillFromLayout1 = R"(
  CREATE TEMP VIEW old_anomalies AS
    SELECT *, CASE WHEN json_valid(analysis) THEN analysis ELSE '{}' END AS good_json FROM main.anomalies_1;
  INSERT INTO anomalies (id, time, stored_at, source, entity, score, is_anomaly, risk, techniques)
    SELECT id, ifnull(time, stored_at), stored_at, source, ifnull(json_extract(good_json, '$.entity'), ''), score,
           ifnull(json_extract(good_json, '$.is_anomaly'), 1),
           CASE json_extract(good_json, '$.risk_level')
             WHEN 'Critical' THEN 3 WHEN 'High' THEN 2 WHEN 'Medium' THEN 1 ELSE 0 END,
           ifnull((SELECT ' ' || group_concat(technique, ' ') || ' ' FROM (
             SELECT DISTINCT json_extract(value, '$.technique_id') AS technique
             FROM json_each(good_json, '$.security_analysis.threats') ORDER BY technique)), '')
    FROM old_anomalies ORDER BY id;
  INSERT INTO anomaly_techniques (technique, anomaly)
    SELECT DISTINCT json_extract(value, '$.technique_id'), old_anomalies.id
    FROM old_anomalies, json_each(good_json, '$.security_analysis.threats');
  INSERT INTO anomaly_documents (id, analysis, event)
    SELECT id, analysis, event FROM anomalies_1 ORDER BY id;
  DROP VIEW old_anomalies;
  DROP TABLE anomalies_1;
)";

Result<void> execute_all(Connection& connection, std::initializer_list<const char*> scripts) {
  for (const char* const script : scripts) {
    if (auto done = connection.execute(script); !done) return done;
  }
  return {};
}

Result<void> upgrade_from_1(Connection& connection) {
  auto moved = execute_all(connection, {kSplitRows, kTables, kFillFromLayout1, kIndexes});
  return moved ? count_again(connection) : moved;
}

}  // namespace

Result<void> prepare_schema(Connection& connection) {
  // Within one transaction, so that two programs that start at once make the tables once.
  Transaction transaction(connection);
  if (auto begun = transaction.begin("BEGIN IMMEDIATE"); !begun) return begun;
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
  if (*version > kLayout) {
    return fail(ErrorCode::invalid_data,
                fmt::format("the database '{}' has layout {}, this program knows layouts up to {}; use the newer "
                            "TopoForge that made it, or another folder with --data-dir",
                            name, *version, kLayout));
  }
  if (*version == kLayout) return {};
  auto ready = *version == 0 ? execute_all(connection, {kTables, kIndexes}) : upgrade_from_1(connection);
  if (!ready) return ready;
  if (auto marked = connection.execute(kMark); !marked) return marked;
  return transaction.commit();
}

Result<void> write_mark(Connection& connection) { return connection.execute(kMark); }

}  // namespace topoforge::sqlite
