#pragma once

#include <cstddef>

#include "topoforge/base/matrix.hpp"
#include "topoforge/core/cloud/distance_matrix.hpp"
#include "topoforge/core/cloud/point_cloud.hpp"
#include "topoforge/core/window/trail.hpp"

/// Purpose: point clouds of a window in which place, size and stretch no longer show, so that only the form is left.
/// Thread safety: pure functions.
namespace topoforge {

/// The newest `rows` rows as points; with a lag above 0 each beside the row `lag` rows before it (Takens 1981), which
/// doubles the dimension. The trail has rows + lag rows or more.
Matrix delayed_rows(const Trail& trail, std::size_t rows, std::size_t lag);

/// Each column by its average ranks within it, in [0, 1]; 0.5 where it is constant. O(n log n) per column.
PointCloud rank_cloud(const Matrix& rows);

/// Mean 0 and the identity as covariance; directions of less than a thousandth of the greatest variance are not blown
/// up. O(n d^2 + d^3).
PointCloud whitened_cloud(const Matrix& rows);

/// Distances that call a thin region far: d(i, j) + f(i) + f(j), with f the distance to measure, the root mean square
/// of the distances to the nearest `share` of the points, at least two. Outliers then join late. Source: Chazal,
/// Cohen-Steiner, Merigot (2011); Anai et al. (2019). O(n^2).
DistanceMatrix weighted_distances(const DistanceMatrix& distances, double share);

}  // namespace topoforge
