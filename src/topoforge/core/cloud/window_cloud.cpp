#include "topoforge/core/cloud/window_cloud.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <iterator>
#include <utility>
#include <vector>

#include <Eigen/Core>

#include "topoforge/core/cloud/delay_embedding.hpp"
#include "topoforge/core/cloud/normalised_clouds.hpp"

namespace topoforge {

PointCloud window_cloud(const Matrix& window, std::size_t lag, std::size_t embedding_dimension) {
  assert(window.rows >= 1 && window.columns >= 1 && embedding_dimension >= 1);
  if (window.columns > 1) return rank_cloud(window);
  const std::size_t dimension = window.rows >= embedding_dimension ? embedding_dimension : 1;
  const std::size_t longest =
      dimension == 1 ? window.rows : std::max<std::size_t>(1, window.rows / (2 * (dimension - 1)));
  const DelayEmbedding embedding{.dimension = dimension, .lag = std::clamp<std::size_t>(lag, 1, longest)};
  return *delay_embed(window.values, embedding);
}

double median_distance(std::span<const double> distances) {
  if (distances.empty()) return 0.0;
  // Lengths are counted by 256 classes; the one that holds the median is then put in order.
  constexpr double kHighestClass = 255.0;
  const double longest = Eigen::Map<const Eigen::ArrayXd>(distances.data(), std::ssize(distances)).maxCoeff();
  const double factor = longest > 0.0 && std::isfinite(kHighestClass / longest) ? kHighestClass / longest : 0.0;
  const auto class_of = [factor](double distance) { return static_cast<std::size_t>(distance * factor); };
  std::array<std::size_t, 256> counts{};
  for (const double distance : distances) ++counts[class_of(distance)];
  std::size_t rank = distances.size() / 2;
  std::size_t chosen = 0;
  for (; rank >= counts[chosen]; ++chosen) rank -= counts[chosen];
  std::vector<double> order;
  order.reserve(counts[chosen]);
  std::ranges::copy_if(distances, std::back_inserter(order),
                       [&](double distance) { return class_of(distance) == chosen; });
  const auto middle = order.begin() + static_cast<std::ptrdiff_t>(rank);
  std::nth_element(order.begin(), middle, order.end());
  return *middle;
}

DistanceMatrix normalised_distances(const PointCloud& cloud) { return normalised(pairwise_distances(cloud)); }

DistanceMatrix normalised(DistanceMatrix distances) {
  const double median = median_distance(distances.lower());
  if (!(median > 0.0)) return distances;
  std::vector<double> scaled = distances.lower();
  for (double& distance : scaled) distance /= median;
  return DistanceMatrix::trusted(distances.size(), std::move(scaled));
}

}  // namespace topoforge
