#include "topoforge/core/score/nearest_neighbours.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <limits>

#include "topoforge/core/score/vector_kernels.hpp"

namespace topoforge {

float neighbour_distance(std::span<const float> squared, std::size_t k) {
  assert(!squared.empty() && k >= 1 && k <= kMostSmallest);
  std::array<float, kMostSmallest> nearest;
  smallest(squared, std::span(nearest).first(k));
  // Of fewer than k the farthest.
  while (k > 1 && std::isinf(nearest[k - 1])) --k;
  return std::sqrt(std::max(nearest[k - 1], 0.0F));
}

NearestNeighbours::NearestNeighbours(std::span<const float> references, std::size_t dimension) : dimension_(dimension) {
  assert(dimension >= 1 && !references.empty() && references.size() % dimension == 0);
  const std::size_t count = references.size() / dimension;
  const std::size_t filled = (count + kBlockSize - 1) / kBlockSize * kBlockSize;
  blocks_.assign(filled * dimension, std::numeric_limits<float>::infinity());
  for (std::size_t i = 0; i < count; ++i) {
    float* const block = blocks_.data() + i / kBlockSize * kBlockSize * dimension + i % kBlockSize;
    for (std::size_t j = 0; j < dimension; ++j) block[j * kBlockSize] = references[i * dimension + j];
  }
}

float NearestNeighbours::distance(std::span<const float> point, std::vector<float>& scratch) const {
  assert(point.size() == dimension_);
  scratch.resize(blocks_.size() / dimension_);
  squared_distances(point, blocks_.data(), scratch);
  return neighbour_distance(scratch);
}

}  // namespace topoforge
