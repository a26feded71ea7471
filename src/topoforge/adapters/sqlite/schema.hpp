#pragma once

#include "topoforge/adapters/sqlite/connection.hpp"
#include "topoforge/base/result.hpp"

/// Purpose: the tables of a database file, and how older layouts become the present one. The number of the layout is
/// the file's user_version. Collections of records (documents.hpp) make their tables themselves.
///
/// Layout 2, for anomalies:
///   anomalies           what filters and lists look at; narrow, so that a million are walked quickly
///   anomaly_documents   the analysis and the event, as JSON
///   anomaly_techniques  which anomalies name an ATT&CK technique
///   anomaly_counts      how many there are of each kind in spans of time (anomaly_counts.hpp)
///   anomaly_blocks      how many there are in each block of ids, for far pages
/// Layout 1 had one table `anomalies` with columns id, stored_at, time (null without one), source, score, analysis,
/// event.
/// Thread safety: one owner of the connection at a time.
namespace topoforge::sqlite {

inline constexpr std::int64_t kLayout = 2;

/// Makes the tables of an empty file, or brings an older layout up to date: all or nothing.
/// Errors: invalid_data when a newer TopoForge or another program made the file; those of the connection.
Result<void> prepare_schema(Connection& connection);
/// Writes what marks the file as ours, as it stands there already: the smallest write that there is.
Result<void> write_mark(Connection& connection);

}  // namespace topoforge::sqlite
