#pragma once

#include "topoforge/adapters/mongo/database.hpp"
#include "topoforge/base/result.hpp"
#include "topoforge/ports/anomaly_store.hpp"

/// Purpose: the statistics of a range of time, counted by the server. Thread safety: any thread.
namespace topoforge::mongo {

/// Of the collection of anomalies. The counts are made one after the other: what is added meanwhile may be in some.
Result<AnomalyStatistics> read_statistics(Database& database, const char* collection, const StatisticsQuery& query);

}  // namespace topoforge::mongo
