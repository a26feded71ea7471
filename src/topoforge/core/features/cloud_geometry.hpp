#pragma once

#include <cstddef>
#include <span>

#include "topoforge/core/cloud/distance_matrix.hpp"

/// Purpose: the form of a point cloud without homology: how its distances are spread, how dense it is, and what its
/// nearest-neighbour graph looks like. Points are in the order of time. Thread safety: pure functions.
namespace topoforge {

inline constexpr std::size_t kCloudGeometryFeatures = 23;

/// distances: normalised, of 10 points or more. Logarithms of 8 quantiles of all distances; of the mean, the 10 % and
/// the 90 % quantile of the distances to the first, fourth and eighth neighbour; then of the graph of four neighbours
/// the spread and the maximum of the in-degree, the share of mutual edges, the clustering coefficient, the mean
/// logarithm of the time between neighbours, and the share of those at most two rows apart. O(n^2).
void cloud_geometry(const DistanceMatrix& distances, std::span<float> out);

}  // namespace topoforge
