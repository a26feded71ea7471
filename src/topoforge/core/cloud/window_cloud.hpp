#pragma once

#include <cstddef>
#include <span>

#include "topoforge/base/matrix.hpp"
#include "topoforge/core/cloud/distance_matrix.hpp"
#include "topoforge/core/cloud/point_cloud.hpp"

/// Purpose: the point cloud of a window, normalised so that place and size do not carry the shape. Level and spread are
/// the business of the detectors that look at values; topology looks at the form.
/// Thread safety: pure functions.
namespace topoforge {

inline constexpr std::size_t kDefaultEmbeddingDimension = 3;

/// One channel: delay embedding with the given lag (shortened where the window is too short for it: at least half of
/// it remains as points; a window too short for the dimension is embedded in R).
/// Several channels: each event is a point whose coordinates are its average ranks within the window, in [0, 1]
/// (0.5 where a channel is constant). O(n log n) per channel. window.rows >= 1.
PointCloud window_cloud(const Matrix& window, std::size_t lag,
                        std::size_t embedding_dimension = kDefaultEmbeddingDimension);

/// Of numbers that are finite and not negative; the upper one of an even number, 0 of none. Expected O(n).
double median_distance(std::span<const double> distances);
/// Euclidean distances of the cloud divided by their median; unchanged where the median is 0. O(n^2 d).
DistanceMatrix normalised_distances(const PointCloud& cloud);
/// Distances divided by their median; unchanged where it is 0.
DistanceMatrix normalised(DistanceMatrix distances);

}  // namespace topoforge
