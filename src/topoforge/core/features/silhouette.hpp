#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "topoforge/base/result.hpp"
#include "topoforge/core/diagram/persistence_diagram.hpp"
#include "topoforge/core/features/even_grid.hpp"

/// Purpose: the power-weighted silhouette of one dimension on a grid: the mean of the tents of all classes, weighted by
/// a power of their lifetimes; one curve in which lasting classes show. Essential classes are left out.
/// Source: Chazal, Fasy, Lecci, Rinaldo and Wasserman, "Stochastic convergence of persistence landscapes and
/// silhouettes" (2014). gudhi.representations.Silhouette(weight=lambda x: (x[1] - x[0]) ** power, keep_endpoints=True)
/// is sqrt(2) times this: its tents have slope sqrt(2). Thread safety: pure functions.
namespace topoforge {

struct SilhouetteOptions {
  double power = 1.0;           ///< of the lifetimes, at least 0; 0: all tents alike
  std::size_t resolution = 50;  ///< points of the grid, 2 to kMaxGridResolution
  /// Grid from `low` to `high`; where both are 0, from the least birth to the greatest finite death.
  double low = 0.0;
  double high = 0.0;
};

struct Silhouette {
  std::vector<double> grid;    ///< resolution values of the filtration
  std::vector<double> values;  ///< at each of them; at most half the greatest lifetime

  bool operator==(const Silhouette&) const = default;
};

/// O(pairs * resolution). No class that lasts: zeros, on a grid of zeros unless a range is given.
/// Errors: invalid_argument for a power that is negative or not finite, a resolution outside its range, or a range that
/// is not finite or has low > high.
Result<Silhouette> silhouette(std::span<const PersistencePair> pairs, const SilhouetteOptions& options = {});

}  // namespace topoforge
