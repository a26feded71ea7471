#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "topoforge/base/result.hpp"
#include "topoforge/core/event/event.hpp"
#include "topoforge/core/pipeline/analysis.hpp"

/// Purpose: where anomalies are kept. One contract suite (tests/contract) runs against every implementation.
/// Thread safety: an implementation may be called from any thread; calls block, so they run on the storage pool.
namespace topoforge {

/// An anomaly to be stored: the verdict and the event that raised it.
struct NewAnomaly {
  Analysis analysis;
  Event event;
};

struct StoredAnomaly {
  std::string id;  ///< given by the store; texts of equal length that sort in the order of insertion
  Timestamp stored_at;
  Analysis analysis;
  Event event;
};

struct AnomalyQuery {
  std::size_t page = 1;     ///< 1 to kMaxAnomalyPage
  std::size_t limit = 100;  ///< 1 to kMaxAnomalyLimit
  std::optional<std::string> source = {};
  std::optional<double> min_score = {};  ///< anomaly_score at least this
};
inline constexpr std::size_t kMaxAnomalyLimit = 1000;
inline constexpr std::size_t kMaxAnomalyPage = 1'000'000'000;

struct AnomalyPage {
  std::vector<StoredAnomaly> data;  ///< newest first; empty beyond the last page
  std::size_t total = 0;            ///< matches of the query, over all pages
};

class AnomalyStore {
 public:
  virtual ~AnomalyStore() = default;
  /// All or none. When it returns, the anomalies survive a kill of the process and of the machine. Returns their ids.
  virtual Result<std::vector<std::string>> add(std::span<const NewAnomaly> anomalies, Timestamp now) = 0;
  /// Errors: invalid_argument for a page or limit outside its range.
  virtual Result<AnomalyPage> list(const AnomalyQuery& query) = 0;
  /// Errors: not_found, for a text that is no id as well.
  virtual Result<StoredAnomaly> get(const std::string& id) = 0;
  /// Whether the store can be read and written now; quick.
  virtual Result<void> check() = 0;
};

}  // namespace topoforge
