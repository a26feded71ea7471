#include "topoforge/core/features/betti_curve.hpp"

#include <algorithm>
#include <limits>

namespace topoforge {
namespace {

GridRange range_of(std::span<const PersistencePair> pairs) {
  if (pairs.empty()) return {};
  GridRange range{.low = std::numeric_limits<double>::infinity(), .high = -std::numeric_limits<double>::infinity()};
  for (const PersistencePair& pair : pairs) {
    range.low = std::min(range.low, pair.birth);
    range.high = std::max(range.high, pair.essential() ? pair.birth : pair.death);
  }
  return range;
}

}  // namespace

Result<BettiCurve> betti_curve(std::span<const PersistencePair> pairs, const BettiCurveOptions& options) {
  const GridRange wanted{.low = options.low, .high = options.high};
  if (auto valid = validate_count("Betti curve resolution", options.resolution, 2, kMaxGridResolution); !valid) {
    return tl::unexpected(valid.error());
  }
  if (auto valid = validate_range("Betti curve grid", wanted); !valid) return tl::unexpected(valid.error());

  BettiCurve curve{.grid = even_grid(wanted.from_data() ? range_of(pairs) : wanted, options.resolution), .betti = {}};
  // Each class is one step up at its birth and one down at its death; the sums of the steps are the curve.
  std::vector<std::size_t> births(options.resolution + 1);
  std::vector<std::size_t> deaths(options.resolution + 1);
  const auto first_at_least = [&](double value) {
    return static_cast<std::size_t>(std::lower_bound(curve.grid.begin(), curve.grid.end(), value) - curve.grid.begin());
  };
  for (const PersistencePair& pair : pairs) {
    ++births[first_at_least(pair.birth)];
    ++deaths[first_at_least(pair.death)];
  }
  curve.betti.reserve(options.resolution);
  std::size_t alive = 0;
  for (std::size_t i = 0; i < options.resolution; ++i) {
    alive += births[i];
    alive -= deaths[i];
    curve.betti.push_back(alive);
  }
  return curve;
}

}  // namespace topoforge
