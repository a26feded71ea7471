#pragma once

#include "topoforge/adapters/sqlite/connection.hpp"
#include "topoforge/base/result.hpp"
#include "topoforge/ports/anomaly_store.hpp"

/// Purpose: the statistics of a range of time, from the counters. Thread safety: one owner of the connection at a time.
namespace topoforge::sqlite {

Result<AnomalyStatistics> read_statistics(Connection& connection, const StatisticsQuery& query);

}  // namespace topoforge::sqlite
