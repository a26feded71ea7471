#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "topoforge/core/cloud/distance_matrix.hpp"
#include "topoforge/core/cloud/point_cloud.hpp"

/// Purpose: seeded inputs that are hard on a filtration: many equal distances, points that coincide, distances that
/// are no metric. The same seed gives the same input on every machine.
namespace topoforge::property {

/// Draws without the standard distributions, whose results differ between libraries.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  /// 0 <= result < bound
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(engine_() % bound); }
  /// 0 <= result < 1, a multiple of 2^-53
  double real() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }
  template <class T>
  void shuffle(std::vector<T>& values) {
    for (std::size_t left = values.size(); left > 1; --left) std::swap(values[left - 1], values[below(left)]);
  }

 private:
  std::mt19937_64 engine_;
};

inline PointCloud uniform_points(Random& random, std::size_t points, std::size_t dimension) {
  PointCloud cloud{dimension, std::vector<double>(points * dimension)};
  for (double& coordinate : cloud.coordinates) coordinate = random.real();
  return cloud;
}

/// Points of a small integer grid: ties and points at one place are many.
inline PointCloud grid_points(Random& random, std::size_t points, std::size_t dimension, std::size_t side) {
  PointCloud cloud{dimension, std::vector<double>(points * dimension)};
  for (double& coordinate : cloud.coordinates) coordinate = static_cast<double>(random.below(side));
  return cloud;
}

/// Integers of 0 to values - 1 with no regard to the triangle inequality.
inline DistanceMatrix integer_distances(Random& random, std::size_t points, std::size_t values) {
  std::vector<double> lower(points < 2 ? 0 : points * (points - 1) / 2);
  for (double& entry : lower) entry = static_cast<double>(random.below(values));
  return DistanceMatrix::trusted(points, std::move(lower));
}

/// Any of the above.
inline DistanceMatrix any_distances(Random& random, std::size_t points) {
  const std::size_t dimension = 1 + random.below(5);
  switch (random.below(4)) {
    case 0: return pairwise_distances(uniform_points(random, points, dimension));
    case 1: return pairwise_distances(grid_points(random, points, dimension, 2 + random.below(3)));
    case 2: return pairwise_distances(grid_points(random, points, dimension, 2 + random.below(3)), Metric::manhattan);
    default: return integer_distances(random, points, 1 + random.below(40));
  }
}

/// The distances of the points in another order: place k has the point order[k].
inline DistanceMatrix reordered(const DistanceMatrix& distances, const std::vector<std::size_t>& order) {
  std::vector<double> lower;
  for (std::size_t i = 1; i < order.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) lower.push_back(distances(order[i], order[j]));
  }
  return DistanceMatrix::trusted(order.size(), std::move(lower));
}

}  // namespace topoforge::property
