#pragma once

#include <cstddef>
#include <span>
#include <vector>

/// Purpose: how far a vector is from the nearest of those that were normal.
/// Source: k-th nearest neighbour distance (Ramaswamy, Rastogi, Shim, SIGMOD 2000). Thread safety: immutable.
namespace topoforge {

inline constexpr std::size_t kNeighbours = 5;

/// The k-th smallest of squared distances, as a distance; of fewer than k the greatest. O(n).
float neighbour_distance(std::span<const float> squared, std::size_t k = kNeighbours);

class NearestNeighbours {
 public:
  NearestNeighbours() = default;
  /// references: n * dimension numbers, row by row, n >= 1.
  NearestNeighbours(std::span<const float> references, std::size_t dimension);

  /// Euclidean distance to the kNeighbours-th nearest reference. scratch is resized. O(n * dimension).
  float distance(std::span<const float> point, std::vector<float>& scratch) const;
  [[nodiscard]] std::size_t memory_bytes() const { return blocks_.capacity() * sizeof(float); }

 private:
  std::vector<float> blocks_;  ///< as squared_distances takes them; what fills the last one is infinitely far
  std::size_t dimension_ = 1;
};

}  // namespace topoforge
