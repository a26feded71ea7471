#pragma once

#include <cassert>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "topoforge/base/matrix.hpp"
#include "topoforge/base/result.hpp"
#include "topoforge/core/cloud/point_cloud.hpp"

/// Purpose: pairwise distances of n points, double precision, stored as the strict lower triangle.
/// Thread safety: a value; the functions are pure.
namespace topoforge {

enum class Metric { euclidean, manhattan, chebyshev, cosine };

class DistanceMatrix {
 public:
  DistanceMatrix() = default;
  /// lower: entries (1,0), (2,0), (2,1), (3,0), ...: n(n-1)/2 of them; none at all is zero points.
  /// Refuses a length that is no n(n-1)/2 and a negative, NaN or infinite entry, by its place (i, j).
  static Result<DistanceMatrix> from_lower_triangle(std::vector<double> lower);
  /// Refuses what is not square, not symmetric, has a non-zero diagonal or an entry that is no distance, by its place.
  static Result<DistanceMatrix> from_square(const Matrix& square);
  /// Trusted: the caller knows that all entries are finite and not negative.
  static DistanceMatrix trusted(std::size_t size, std::vector<double> lower) {
    DistanceMatrix matrix;
    matrix.size_ = size;
    matrix.lower_ = std::move(lower);
    return matrix;
  }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] double operator()(std::size_t i, std::size_t j) const {
    assert(i < size_ && j < size_);
    if (i == j) return 0.0;
    return i > j ? lower_[i * (i - 1) / 2 + j] : lower_[j * (j - 1) / 2 + i];
  }
  [[nodiscard]] const std::vector<double>& lower() const { return lower_; }

 private:
  std::size_t size_ = 0;
  std::vector<double> lower_;
};

/// O(n^2 d). Coordinates must be finite (asserted). Cosine distance is 1 - cos, in [0, 2]; a zero vector has
/// distance 1 to every other vector and 0 to another zero vector. Equal points are at distance 0 exactly; a distance
/// beyond the largest double is given as the largest double.
DistanceMatrix pairwise_distances(const PointCloud& cloud, Metric metric = Metric::euclidean);

/// One entry of it at a time, with the same rounding: the distance of two points that went through prepare_point, which
/// for cosine distance scales a point by a power of two and otherwise leaves it. O(d).
void prepare_point(std::span<double> point, Metric metric);
double prepared_distance(std::span<const double> a, std::span<const double> b, Metric metric);

}  // namespace topoforge
