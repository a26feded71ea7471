#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "topoforge/base/result.hpp"
#include "topoforge/core/event/event.hpp"
#include "topoforge/core/pipeline/analysis.hpp"

/// Purpose: where anomalies are kept. One contract suite (tests/contract) runs against every implementation.
/// Thread safety: an implementation may be called from any thread; calls block, so they run on the storage pool.
namespace topoforge {

/// An anomaly as it is stored: the verdict and the event that raised it.
struct StoredAnomaly {
  std::string id;            ///< given by the store, sortable by time of insertion
  Timestamp stored_at;
  Analysis analysis;
  Event event;
};

struct AnomalyQuery {
  std::size_t page = 1;
  std::size_t limit = 100;   ///< 1 to 1000
  std::optional<std::string> source;
  std::optional<double> min_score;
};

struct AnomalyPage {
  std::vector<StoredAnomaly> data;  ///< newest first
  std::size_t total = 0;            ///< matches of the query, over all pages
};

class AnomalyStore {
 public:
  virtual ~AnomalyStore() = default;
  /// When it returns, the anomaly survives a kill of the process. Returns the id.
  virtual Result<std::string> add(const Analysis& analysis, const Event& event, Timestamp now) = 0;
  virtual Result<AnomalyPage> list(const AnomalyQuery& query) = 0;
  virtual Result<StoredAnomaly> get(const std::string& id) = 0;
};

}  // namespace topoforge
