#pragma once

#include <string_view>

#include "arrays.hpp"
#include "topoforge/base/result.hpp"
#include "topoforge/core/cloud/distance_matrix.hpp"

/// Purpose: distances from Python. Thread safety: pure.
namespace topoforge::python {

/// Errors: invalid_argument for another name than euclidean, manhattan, chebyshev and cosine.
Result<Metric> metric_from(std::string_view name);

/// Errors: invalid_argument for no coordinates or one that is not finite, by its place.
Result<void> check_points(const Rows& points);
/// Errors: those of check_points.
Result<DistanceMatrix> distances_of_points(const Rows& points, Metric metric);

/// Distances between points, some of which may have none: +inf is an edge that never appears.
struct PartialDistances {
  DistanceMatrix distances;  ///< the largest double where there is none
  bool complete = true;
  double greatest = 0.0;  ///< of those that are there
};

/// Errors: invalid_argument for what is not square, not symmetric, has a diagonal that is not 0, or an entry that is
/// negative or NaN, by its place.
Result<PartialDistances> distances_of_square(const Rows& square);
/// Of n points, (0,1), (0,2), ..., (1,2), ...: as scipy.spatial.distance.pdist gives them.
Result<PartialDistances> distances_of_condensed(const Values& condensed);

}  // namespace topoforge::python
