#include "topoforge/core/cloud/window_cloud.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <iterator>
#include <numeric>
#include <utility>
#include <vector>

#include <Eigen/Core>

#include "topoforge/core/cloud/delay_embedding.hpp"

namespace topoforge {
namespace {

PointCloud rank_cloud(const Matrix& window) {
  const std::size_t n = window.rows;
  const std::size_t d = window.columns;
  PointCloud cloud{.dimension = d, .coordinates = std::vector<double>(n * d, 0.5)};
  if (n < 2) return cloud;
  std::vector<std::pair<double, std::size_t>> order(n);
  for (std::size_t channel = 0; channel < d; ++channel) {
    for (std::size_t i = 0; i < n; ++i) order[i] = {window(i, channel), i};
    std::sort(order.begin(), order.end());
    for (std::size_t first = 0; first < n;) {
      std::size_t last = first;
      while (last + 1 < n && order[last + 1].first == order[first].first) ++last;
      const double rank = static_cast<double>(first + last) / 2.0 / static_cast<double>(n - 1);
      for (std::size_t k = first; k <= last; ++k) cloud.coordinates[order[k].second * d + channel] = rank;
      first = last + 1;
    }
  }
  return cloud;
}

}  // namespace

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

DistanceMatrix normalised_distances(const PointCloud& cloud) {
  const DistanceMatrix distances = pairwise_distances(cloud);
  const double median = median_distance(distances.lower());
  if (!(median > 0.0)) return distances;
  std::vector<double> scaled = distances.lower();
  for (double& distance : scaled) distance /= median;
  return DistanceMatrix::trusted(distances.size(), std::move(scaled));
}

}  // namespace topoforge
