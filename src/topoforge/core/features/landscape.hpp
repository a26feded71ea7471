#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "topoforge/base/matrix.hpp"
#include "topoforge/base/result.hpp"
#include "topoforge/core/diagram/persistence_diagram.hpp"
#include "topoforge/core/features/even_grid.hpp"

/// Purpose: persistence landscapes on a grid. Source: Bubenik, "Statistical topological data analysis using
/// persistence landscapes", JMLR 2015. Essential classes are left out. persim's PersLandscapeExact gives the
/// same where no corners of tents coincide; gudhi.representations.Landscape(keep_endpoints=True) is sqrt(2) times this.
/// Thread safety: pure functions.
namespace topoforge {

inline constexpr std::size_t kMaxLandscapeLayers = 256;

struct LandscapeOptions {
  std::size_t layers = 1;       ///< k, 1 to kMaxLandscapeLayers
  std::size_t resolution = 50;  ///< points of the grid, 2 to kMaxGridResolution
  /// Grid from `low` to `high`; where both are 0, from the least birth to the greatest finite death.
  double low = 0.0;
  double high = 0.0;
};

struct Landscape {
  std::vector<double> grid;  ///< resolution values of the filtration
  Matrix layers;             ///< k x resolution; row i is the (i+1)-th largest tent at each grid point
};

/// O(resolution * pairs log layers). No finite pair: layers of zeros, on a grid of zeros unless a range is given.
/// Errors: invalid_argument for a resolution or a number of layers outside its range, or a range that is not finite
/// or has low > high.
Result<Landscape> persistence_landscape(std::span<const PersistencePair> pairs, const LandscapeOptions& options = {});

}  // namespace topoforge
