#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "topoforge/base/result.hpp"
#include "topoforge/core/diagram/persistence_diagram.hpp"
#include "topoforge/core/features/even_grid.hpp"

/// Purpose: the Betti number of one dimension as a function of the scale, on a grid. Essential classes count from
/// their birth on. gudhi.representations.BettiCurve(predefined_grid=...) is the same. Thread safety: pure functions.
namespace topoforge {

struct BettiCurveOptions {
  std::size_t resolution = 50;  ///< points of the grid, 2 to kMaxGridResolution
  /// Grid from `low` to `high`; where both are 0, from the least birth to the greatest birth or finite death.
  double low = 0.0;
  double high = 0.0;
};

struct BettiCurve {
  std::vector<double> grid;        ///< resolution values of the filtration
  std::vector<std::size_t> betti;  ///< classes with birth <= grid[i] < death

  bool operator==(const BettiCurve&) const = default;
};

/// O(pairs log resolution + resolution). No pair: zeros, on a grid of zeros unless a range is given.
/// Errors: invalid_argument for a resolution outside its range, or a range that is not finite or has low > high.
Result<BettiCurve> betti_curve(std::span<const PersistencePair> pairs, const BettiCurveOptions& options = {});

}  // namespace topoforge
