#pragma once

#include <cstddef>

#include "topoforge/base/result.hpp"
#include "topoforge/core/cloud/point_cloud.hpp"
#include "topoforge/core/diagram/vietoris_rips.hpp"
#include "topoforge/core/features/betti.hpp"

/// Purpose: from a point cloud to its diagram and Betti numbers, under the documented names.
/// Thread safety: one analyzer per thread; it keeps the work memory of its engine.
namespace topoforge {

struct BettiOptions {
  bool adaptive = true;  ///< false: every class of positive lifetime counts
  double sigma = 2.0;    ///< standard deviations above the mean lifetime, where adaptive
};

class TopologyAnalyzer {
 public:
  explicit TopologyAnalyzer(std::size_t max_dimension = 2) : options_{.max_dimension = max_dimension} {}

  Result<PersistenceDiagram> compute_persistence(const PointCloud& cloud) { return engine_.compute(cloud, options_); }
  [[nodiscard]] BettiNumbers extract_betti_numbers(const PersistenceDiagram& diagram,
                                                   const BettiOptions& options = {}) const;

 private:
  VietorisRipsOptions options_;
  VietorisRips engine_;
};

}  // namespace topoforge
