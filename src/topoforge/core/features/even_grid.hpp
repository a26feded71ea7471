#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "topoforge/base/result.hpp"
#include "topoforge/core/diagram/persistence_diagram.hpp"

/// Purpose: the evenly spaced grid on which landscapes, silhouettes and Betti curves are sampled. Thread safety: pure
/// functions.
namespace topoforge {

inline constexpr std::size_t kMaxGridResolution = 16384;

struct GridRange {
  double low = 0.0;
  double high = 0.0;

  /// Both ends 0: the range is to be taken from the data.
  [[nodiscard]] bool from_data() const { return low == 0.0 && high == 0.0; }
};

/// Errors: invalid_argument, naming `what`, for an end that is not finite, or low > high.
Result<void> validate_range(std::string_view what, GridRange range);

/// Errors: invalid_argument, naming `what`, unless least <= value <= greatest.
Result<void> validate_count(std::string_view what, std::size_t value, std::size_t least, std::size_t greatest);

/// From the least birth to the greatest death of the classes that die; 0 to 0 without one. O(pairs).
GridRange finite_support(std::span<const PersistencePair> pairs);

/// resolution (at least 2, asserted) values from range.low to range.high, both ends exact. O(resolution).
std::vector<double> even_grid(GridRange range, std::size_t resolution);

}  // namespace topoforge
