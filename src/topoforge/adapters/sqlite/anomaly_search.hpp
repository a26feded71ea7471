#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "topoforge/adapters/sqlite/connection.hpp"
#include "topoforge/base/result.hpp"
#include "topoforge/ports/anomaly_store.hpp"

/// Purpose: the ids of anomalies that match a filter, in the order of their ids, by the index that has the least to
/// look at. SQLite keeps no statistics of a table that grows; the counters (anomaly_counts.hpp) are better ones.
/// Complexity: with one condition, or none, what is returned; with several, what the most selective of them leaves.
/// Thread safety: one owner of the connection at a time.
namespace topoforge::sqlite {

/// A part of the matches.
struct Part {
  std::int64_t after = 0;          ///< ids greater than this
  std::int64_t up_to = INT64_MAX;  ///< and not greater than this
  bool newest_first = false;
  std::size_t skip = 0;
  std::size_t limit = 0;
};
Result<std::vector<std::int64_t>> find_anomalies(Connection& connection, const AnomalyFilter& filter, const Part& part);

struct Total {
  std::size_t count = 0;
  bool is_exact = true;  ///< false: there are at least `count`
};
/// Exact where counters tell or few are to be looked at.
Result<Total> count_matches(Connection& connection, const AnomalyFilter& filter);

}  // namespace topoforge::sqlite
