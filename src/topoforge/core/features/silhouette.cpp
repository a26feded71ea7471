#include "topoforge/core/features/silhouette.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace topoforge {
namespace {

Result<void> validate(const SilhouetteOptions& options) {
  if (!std::isfinite(options.power) || options.power < 0.0) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("silhouette power {}: wanted a finite number, at least 0", options.power));
  }
  if (auto valid = validate_count("silhouette resolution", options.resolution, 2, kMaxGridResolution); !valid) {
    return valid;
  }
  return validate_range("silhouette grid", {.low = options.low, .high = options.high});
}

}  // namespace

Result<Silhouette> silhouette(std::span<const PersistencePair> pairs, const SilhouetteOptions& options) {
  if (auto valid = validate(options); !valid) return tl::unexpected(valid.error());
  const GridRange wanted{.low = options.low, .high = options.high};
  Silhouette silhouette{.grid = even_grid(wanted.from_data() ? finite_support(pairs) : wanted, options.resolution),
                        .values = std::vector<double>(options.resolution)};
  double longest = 0.0;
  for (const PersistencePair& pair : pairs) {
    if (!pair.essential()) longest = std::max(longest, pair.lifetime());
  }
  if (longest == 0.0) return silhouette;

  // Powers relative to the longest lifetime keep the range of a double; one weight is 1, so that the sum is not 0.
  double total_weight = 0.0;
  for (const PersistencePair& pair : pairs) {
    if (pair.essential()) continue;
    const double weight = std::pow(pair.lifetime() / longest, options.power);
    total_weight += weight;
    const auto from = std::lower_bound(silhouette.grid.begin(), silhouette.grid.end(), pair.birth);
    for (auto at = from; at != silhouette.grid.end() && *at < pair.death; ++at) {
      silhouette.values[static_cast<std::size_t>(at - silhouette.grid.begin())] +=
          weight * std::min(*at - pair.birth, pair.death - *at);
    }
  }
  for (double& value : silhouette.values) value /= total_weight;
  return silhouette;
}

}  // namespace topoforge
