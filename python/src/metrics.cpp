#include "metrics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace topoforge::python {
namespace {

/// Takes the entries of the strict lower triangle one after another.
class Collector {
 public:
  explicit Collector(std::size_t points) : points_(points) { lower_.reserve(points * (points - 1) / 2); }

  /// False for what is no distance.
  bool add(double value) {
    if (!(value >= 0.0)) return false;
    if (std::isinf(value)) {
      complete_ = false;
      value = std::numeric_limits<double>::max();
    } else {
      greatest_ = std::max(greatest_, value);
    }
    lower_.push_back(value);
    return true;
  }

  PartialDistances finish() && {
    return {
        .distances = DistanceMatrix::trusted(points_, std::move(lower_)), .complete = complete_, .greatest = greatest_};
  }

 private:
  std::size_t points_;
  std::vector<double> lower_;
  bool complete_ = true;
  double greatest_ = 0.0;
};

tl::unexpected<Error> no_distance(std::size_t i, std::size_t j, double value) {
  return fail(ErrorCode::invalid_argument,
              fmt::format("the distance of points {} and {} is {}; wanted a number that is not negative", i, j, value));
}

}  // namespace

Result<Metric> metric_from(std::string_view name) {
  if (name == "euclidean") return Metric::euclidean;
  if (name == "manhattan") return Metric::manhattan;
  if (name == "chebyshev") return Metric::chebyshev;
  if (name == "cosine") return Metric::cosine;
  return fail(ErrorCode::invalid_argument,
              fmt::format("metric '{}' is not known; wanted euclidean, manhattan, chebyshev or cosine", name));
}

Result<void> check_points(const Rows& points) {
  const std::size_t dimension = points.shape(1);
  if (dimension == 0 && points.shape(0) > 0) {
    return fail(ErrorCode::invalid_argument, fmt::format("{} points have no coordinates", points.shape(0)));
  }
  const std::span<const double> values = span_of(points);
  const auto bad = std::ranges::find_if_not(values, [](double value) { return std::isfinite(value); });
  if (bad == values.end()) return {};
  const auto place = static_cast<std::size_t>(bad - values.begin());
  return fail(ErrorCode::invalid_argument, fmt::format("coordinate {} of point {} is {}; a coordinate is finite",
                                                       place % dimension, place / dimension, *bad));
}

Result<DistanceMatrix> distances_of_points(const Rows& points, Metric metric) {
  if (const auto checked = check_points(points); !checked) return tl::unexpected(checked.error());
  return pairwise_distances(cloud_of(points), metric);
}

Result<PartialDistances> distances_of_square(const Rows& square) {
  const std::size_t points = square.shape(0);
  if (square.shape(1) != points) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("a distance matrix is square, got {} x {}", points, square.shape(1)));
  }
  Collector collector(points);
  const double* const values = square.data();
  for (std::size_t i = 0; i < points; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const double value = values[i * points + j];
      if (!collector.add(value)) return no_distance(i, j, value);
      if (values[j * points + i] == value) continue;
      return fail(ErrorCode::invalid_argument, fmt::format("entry ({}, {}) is {}, but ({}, {}) is {}; wanted the same",
                                                           i, j, value, j, i, values[j * points + i]));
    }
    if (values[i * points + i] == 0.0) continue;
    return fail(ErrorCode::invalid_argument, fmt::format("entry ({}, {}) is {}; a point is at distance 0 from itself",
                                                         i, i, values[i * points + i]));
  }
  return std::move(collector).finish();
}

Result<PartialDistances> distances_of_condensed(const Values& condensed) {
  const std::size_t count = condensed.shape(0);
  auto points = static_cast<std::size_t>(std::llround((1.0 + std::sqrt(1.0 + 8.0 * static_cast<double>(count))) / 2.0));
  if (count == 0) points = 0;
  if (points * (points - (points > 0 ? 1 : 0)) / 2 != count) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("{} distances are no n(n-1)/2 for any number n of points", count));
  }
  Collector collector(points);
  const double* const values = condensed.data();
  for (std::size_t i = 1; i < points; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const double value = values[j * points - j * (j + 1) / 2 + (i - j - 1)];
      if (!collector.add(value)) return no_distance(j, i, value);
    }
  }
  return std::move(collector).finish();
}

}  // namespace topoforge::python
