#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "topoforge/base/matrix.hpp"
#include "topoforge/base/result.hpp"
#include "topoforge/core/diagram/persistence_diagram.hpp"

/// Purpose: persistence landscapes on a grid. Source: Bubenik, "Statistical topological data analysis using
/// persistence landscapes", JMLR 2015. Essential classes are left out. Thread safety: pure functions.
namespace topoforge {

struct LandscapeOptions {
  std::size_t layers = 1;       ///< k
  std::size_t resolution = 50;  ///< points of the grid, at least 2
  /// Grid from `low` to `high`; where both are 0, from the least birth to the greatest finite death.
  double low = 0.0;
  double high = 0.0;
};

struct Landscape {
  std::vector<double> grid;  ///< resolution values of the filtration
  Matrix layers;             ///< k x resolution; row i is the (i+1)-th largest tent at each grid point
};

/// O(pairs * resolution + resolution * pairs log pairs). No finite pair: a grid of zeros and layers of zeros.
/// Errors: invalid_argument for a resolution below 2, no layer, or low > high.
Result<Landscape> persistence_landscape(std::span<const PersistencePair> pairs, const LandscapeOptions& options = {});

}  // namespace topoforge
