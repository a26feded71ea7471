#include "topoforge/core/cloud/distance_matrix.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include <fmt/format.h>

namespace topoforge {
namespace {

constexpr double kLargest = std::numeric_limits<double>::max();
/// A sum of squares below it may have lost digits to underflow.
constexpr double kSmallestSafeSquare = 1e-280;

bool is_distance(double value) { return std::isfinite(value) && value >= 0.0; }

/// The exponent of the power of two by which a vector whose largest entry is `largest` is brought to [0.5, 1).
int exponent_of(double largest) {
  int exponent = 0;
  std::frexp(largest, &exponent);
  return exponent;
}

/// For differences whose squares leave the range of a double. Scaling by a power of two is exact; halving keeps the
/// difference of two large numbers finite, and would lose the last digit of the smallest.
double rescaled_euclidean(std::span<const double> a, std::span<const double> b, bool halve) {
  const double factor = halve ? 0.5 : 1.0;
  double largest = 0.0;
  for (std::size_t k = 0; k < a.size(); ++k) largest = std::max(largest, std::abs(a[k] * factor - b[k] * factor));
  const int exponent = exponent_of(largest);
  double sum = 0.0;
  for (std::size_t k = 0; k < a.size(); ++k) {
    const double difference = std::ldexp(a[k] * factor - b[k] * factor, -exponent);
    sum += difference * difference;
  }
  return std::min(std::ldexp(std::sqrt(sum), halve ? exponent + 1 : exponent), kLargest);
}

double euclidean(std::span<const double> a, std::span<const double> b) {
  double sum = 0.0;
  for (std::size_t k = 0; k < a.size(); ++k) {
    const double difference = a[k] - b[k];
    sum += difference * difference;
  }
  if (sum >= kSmallestSafeSquare && sum <= kLargest) return std::sqrt(sum);
  return rescaled_euclidean(a, b, sum > kLargest);
}

double manhattan(std::span<const double> a, std::span<const double> b) {
  double sum = 0.0;
  for (std::size_t k = 0; k < a.size(); ++k) sum += std::abs(a[k] - b[k]);
  return std::min(sum, kLargest);
}

double chebyshev(std::span<const double> a, std::span<const double> b) {
  double largest = 0.0;
  for (std::size_t k = 0; k < a.size(); ++k) largest = std::max(largest, std::abs(a[k] - b[k]));
  return std::min(largest, kLargest);
}

template <class Distance>
std::vector<double> lower_triangle(const PointCloud& cloud, Distance distance) {
  const std::size_t n = cloud.size();
  std::vector<double> lower;
  lower.reserve(n < 2 ? 0 : n * (n - 1) / 2);
  for (std::size_t i = 1; i < n; ++i) {
    for (std::size_t j = 0; j < i; ++j) lower.push_back(distance(cloud.point(i), cloud.point(j)));
  }
  return lower;
}

double cosine(std::span<const double> a, std::span<const double> b) {
  const auto dot = [](std::span<const double> x, std::span<const double> y) {
    double sum = 0.0;
    for (std::size_t k = 0; k < x.size(); ++k) sum += x[k] * y[k];
    return sum;
  };
  const double squares = dot(a, a) * dot(b, b);
  if (squares == 0.0) return dot(a, a) == dot(b, b) ? 0.0 : 1.0;
  // One root of the product, not a product of roots: equal vectors are at distance 0 exactly.
  return std::clamp(1.0 - dot(a, b) / std::sqrt(squares), 0.0, 2.0);
}

}  // namespace

Result<DistanceMatrix> DistanceMatrix::from_lower_triangle(std::vector<double> lower) {
  std::size_t size = lower.empty() ? 0 : 2;
  while (size != 0 && size * (size - 1) / 2 < lower.size()) ++size;
  if (size != 0 && size * (size - 1) / 2 != lower.size()) {
    return fail(ErrorCode::invalid_data,
                fmt::format("a lower triangle of n points has n(n-1)/2 distances, got {}; the nearest are {} for {} "
                            "points and {} for {} points",
                            lower.size(), (size - 1) * (size - 2) / 2, size - 1, size * (size - 1) / 2, size));
  }
  std::size_t position = 0;
  for (std::size_t i = 1; i < size; ++i) {
    for (std::size_t j = 0; j < i; ++j, ++position) {
      if (!is_distance(lower[position])) {
        return fail(
            ErrorCode::invalid_data,
            fmt::format("distance ({}, {}) is {}; a distance is finite and not negative", i, j, lower[position]));
      }
    }
  }
  return trusted(size, std::move(lower));
}

Result<DistanceMatrix> DistanceMatrix::from_square(const Matrix& square) {
  if (square.rows != square.columns) {
    return fail(ErrorCode::invalid_data,
                fmt::format("a distance matrix is square, got {} rows and {} columns", square.rows, square.columns));
  }
  std::vector<double> lower;
  lower.reserve(square.rows < 2 ? 0 : square.rows * (square.rows - 1) / 2);
  for (std::size_t i = 0; i < square.rows; ++i) {
    if (!(square(i, i) == 0.0)) {
      return fail(ErrorCode::invalid_data,
                  fmt::format("distance ({}, {}) is {}; a point is at distance 0 from itself", i, i, square(i, i)));
    }
    for (std::size_t j = 0; j < i; ++j) {
      if (!is_distance(square(i, j))) {
        return fail(ErrorCode::invalid_data,
                    fmt::format("distance ({}, {}) is {}; a distance is finite and not negative", i, j, square(i, j)));
      }
      if (!(square(i, j) == square(j, i))) {
        return fail(ErrorCode::invalid_data,
                    fmt::format("distance ({}, {}) is {} but ({}, {}) is {}; a distance matrix is symmetric", i, j,
                                square(i, j), j, i, square(j, i)));
      }
      lower.push_back(square(i, j));
    }
  }
  return trusted(square.rows, std::move(lower));
}

void prepare_point(std::span<double> point, Metric metric) {
  if (metric != Metric::cosine) return;
  // The largest entry comes to [0.5, 1), where no square leaves the range of a double; directions do not change.
  double largest = 0.0;
  for (const double entry : point) largest = std::max(largest, std::abs(entry));
  const int exponent = exponent_of(largest);
  for (double& entry : point) entry = std::ldexp(entry, -exponent);
}

double prepared_distance(std::span<const double> a, std::span<const double> b, Metric metric) {
  switch (metric) {
    case Metric::euclidean: return euclidean(a, b);
    case Metric::manhattan: return manhattan(a, b);
    case Metric::chebyshev: return chebyshev(a, b);
    case Metric::cosine: break;
  }
  return cosine(a, b);
}

DistanceMatrix pairwise_distances(const PointCloud& cloud, Metric metric) {
  assert(std::ranges::all_of(cloud.coordinates, [](double value) { return std::isfinite(value); }));
  switch (metric) {
    case Metric::euclidean: return DistanceMatrix::trusted(cloud.size(), lower_triangle(cloud, euclidean));
    case Metric::manhattan: return DistanceMatrix::trusted(cloud.size(), lower_triangle(cloud, manhattan));
    case Metric::chebyshev: return DistanceMatrix::trusted(cloud.size(), lower_triangle(cloud, chebyshev));
    case Metric::cosine: break;
  }
  PointCloud prepared = cloud;
  for (std::size_t i = 0; i < cloud.size(); ++i)
    prepare_point({prepared.coordinates.data() + i * cloud.dimension, cloud.dimension}, metric);
  return DistanceMatrix::trusted(cloud.size(), lower_triangle(prepared, cosine));
}

}  // namespace topoforge
