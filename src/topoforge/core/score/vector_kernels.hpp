#pragma once

#include <cstddef>
#include <span>

/// Purpose: the inner loops of the detectors, for the machine's vector instructions. The sums are taken in the same
/// order on every machine, so that scores do not depend on it. Thread safety: pure functions.
namespace topoforge {

/// References of a search are kept in blocks of so many: the first numbers of all in a block, then the second ones.
inline constexpr std::size_t kBlockSize = 16;

/// out[i] = squared Euclidean distance of `query` to reference i; `blocks` has out.size() / kBlockSize blocks of
/// query.size() * kBlockSize numbers. O(out * query).
void squared_distances(std::span<const float> query, const float* blocks, std::span<float> out);

/// out[i] = squared Euclidean distance of `query` to series[i .. i + query.size()); out.size() is a multiple of
/// kBlockSize.
void sliding_squared_distances(std::span<const float> query, const float* series, std::span<float> out);

/// Squared Euclidean distance to the query.size() numbers at `numbers`, in double precision.
double squared_distance(std::span<const float> query, const float* numbers);

/// distances[i] was the squared distance of a query to series[i .. i + query.size()), which began with `left`, and
/// becomes that of this query, which follows it by one place. O(distances + query).
void slide_squared_distances(std::span<const float> query, const float* series, float left,
                             std::span<double> distances);

/// The smallest of the values, ascending, with repetitions; infinities behind them where there are not as many. At most
/// kMostSmallest. O(values).
inline constexpr std::size_t kMostSmallest = 16;
void smallest(std::span<const float> values, std::span<float> out);

/// Length of the Euclidean minimum spanning tree of points: `coordinates` has the first ones of all, then kTreePoints
/// numbers later the second ones, and so on. 1 <= points <= kTreePoints. O(points * kTreePoints * dimension).
inline constexpr std::size_t kTreePoints = 32;
float spanning_tree_length(const float* coordinates, std::size_t dimension, std::size_t points);

/// out[i] = inner product of `query` with the query.size() numbers at rows + i * stride.
void inner_products(std::span<const float> query, const float* rows, std::size_t stride, std::span<float> out);

/// sum[k] += weights[i] * rows[i * sum.size() + k].
void add_weighted_rows(std::span<const float> weights, const float* rows, std::span<float> sum);

}  // namespace topoforge
