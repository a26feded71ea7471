#include "topoforge/core/features/even_grid.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

#include <fmt/format.h>

namespace topoforge {

Result<void> validate_range(std::string_view what, GridRange range) {
  if (!std::isfinite(range.low) || !std::isfinite(range.high) || range.low > range.high) {
    return fail(ErrorCode::invalid_argument, fmt::format("{} from {} to {}: wanted two finite numbers, the lower first",
                                                         what, range.low, range.high));
  }
  return {};
}

Result<void> validate_count(std::string_view what, std::size_t value, std::size_t least, std::size_t greatest) {
  if (value < least || value > greatest) {
    return fail(ErrorCode::invalid_argument, fmt::format("{} {}: wanted {} to {}", what, value, least, greatest));
  }
  return {};
}

GridRange finite_support(std::span<const PersistencePair> pairs) {
  GridRange range{.low = std::numeric_limits<double>::infinity(), .high = -std::numeric_limits<double>::infinity()};
  for (const PersistencePair& pair : pairs) {
    if (pair.essential()) continue;
    range.low = std::min(range.low, pair.birth);
    range.high = std::max(range.high, pair.death);
  }
  return range.low <= range.high ? range : GridRange{};
}

std::vector<double> even_grid(GridRange range, std::size_t resolution) {
  assert(resolution >= 2);
  std::vector<double> grid(resolution);
  const auto steps = static_cast<double>(resolution - 1);
  for (std::size_t i = 0; i < resolution; ++i) {
    // The weights sum to 1, so that no end of the range overflows or is missed by a rounding.
    const double weight = static_cast<double>(i) / steps;
    grid[i] = range.low * (1.0 - weight) + range.high * weight;
  }
  return grid;
}

}  // namespace topoforge
