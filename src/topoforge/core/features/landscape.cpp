#include "topoforge/core/features/landscape.hpp"

#include <algorithm>
#include <functional>

namespace topoforge {

Result<Landscape> persistence_landscape(std::span<const PersistencePair> pairs, const LandscapeOptions& options) {
  const GridRange wanted{.low = options.low, .high = options.high};
  if (auto valid = validate_count("landscape layers", options.layers, 1, kMaxLandscapeLayers); !valid) {
    return tl::unexpected(valid.error());
  }
  if (auto valid = validate_count("landscape resolution", options.resolution, 2, kMaxGridResolution); !valid) {
    return tl::unexpected(valid.error());
  }
  if (auto valid = validate_range("landscape grid", wanted); !valid) return tl::unexpected(valid.error());

  std::vector<PersistencePair> finite;
  finite.reserve(pairs.size());
  std::copy_if(pairs.begin(), pairs.end(), std::back_inserter(finite),
               [](const PersistencePair& pair) { return !pair.essential(); });

  Landscape landscape{.grid = even_grid(wanted.from_data() ? finite_support(finite) : wanted, options.resolution),
                      .layers = Matrix(options.layers, options.resolution)};
  std::vector<double> heights;
  for (std::size_t column = 0; column < options.resolution; ++column) {
    const double at = landscape.grid[column];
    heights.clear();
    for (const PersistencePair& pair : finite) {
      const double height = std::min(at - pair.birth, pair.death - at);
      if (height > 0.0) heights.push_back(height);
    }
    const std::size_t depth = std::min(options.layers, heights.size());
    std::partial_sort(heights.begin(), heights.begin() + static_cast<std::ptrdiff_t>(depth), heights.end(),
                      std::greater<>());
    for (std::size_t layer = 0; layer < depth; ++layer) landscape.layers(layer, column) = heights[layer];
  }
  return landscape;
}

}  // namespace topoforge
