#include "topoforge/core/cloud/window_cloud.hpp"

#include <algorithm>
#include <cassert>
#include <numeric>
#include <utility>
#include <vector>

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

DistanceMatrix normalised_distances(const PointCloud& cloud) {
  const DistanceMatrix distances = pairwise_distances(cloud);
  std::vector<double> scaled = distances.lower();
  if (scaled.empty()) return distances;
  std::vector<double> order = scaled;
  const auto middle = order.begin() + static_cast<std::ptrdiff_t>(order.size() / 2);
  std::nth_element(order.begin(), middle, order.end());
  if (!(*middle > 0.0)) return distances;
  for (double& distance : scaled) distance /= *middle;
  return DistanceMatrix::trusted(distances.size(), std::move(scaled));
}

}  // namespace topoforge
