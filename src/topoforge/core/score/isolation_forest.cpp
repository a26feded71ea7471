#include "topoforge/core/score/isolation_forest.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>
#include <numeric>

#include "topoforge/core/score/robust_scaler.hpp"

namespace topoforge {
namespace {

/// c(n): mean path length of an unsuccessful search in a binary search tree of n points.
double mean_path_length(std::size_t n) {
  if (n < 2) return 0.0;
  if (n == 2) return 1.0;
  const auto count = static_cast<double>(n);
  return 2.0 * (std::log(count - 1.0) + std::numbers::egamma) - 2.0 * (count - 1.0) / count;
}

}  // namespace

IsolationForest IsolationForest::fit(const Matrix& samples, const IsolationForestOptions& options) {
  assert(samples.rows >= 1 && options.trees >= 1 && options.subsample >= 1);
  IsolationForest forest;
  const std::size_t size = std::min(options.subsample, samples.rows);
  const auto depth = static_cast<std::size_t>(std::ceil(std::log2(std::max<double>(2.0, static_cast<double>(size)))));
  forest.normaliser_ = std::max(mean_path_length(size), 1e-9);
  Random random(options.seed);
  std::vector<std::size_t> points(samples.rows);
  std::iota(points.begin(), points.end(), std::size_t{0});
  for (std::size_t tree = 0; tree < options.trees; ++tree) {
    for (std::size_t i = 0; i < size; ++i) std::swap(points[i], points[i + random.below(points.size() - i)]);
    forest.roots_.push_back(static_cast<std::uint32_t>(forest.nodes_.size()));
    forest.grow(samples, std::span(points).first(size), depth, random);
  }
  std::vector<double> scores(samples.rows);
  for (std::size_t i = 0; i < samples.rows; ++i) scores[i] = forest.score(samples.row(i));
  forest.threshold_ = quantile(scores, 1.0 - options.contamination);
  return forest;
}

void IsolationForest::grow(const Matrix& samples, std::span<std::size_t> points, std::size_t depth_left,
                           Random& random) {
  const std::size_t place = nodes_.size();
  nodes_.push_back({.cut = mean_path_length(points.size())});
  if (points.size() < 2 || depth_left == 0) return;
  // A feature that is constant here cannot cut: try the others in random order from a random start.
  const std::size_t start = random.below(samples.columns);
  for (std::size_t tried = 0; tried < samples.columns; ++tried) {
    const std::size_t feature = (start + tried) % samples.columns;
    double low = samples(points[0], feature);
    double high = low;
    for (const std::size_t point : points) {
      low = std::min(low, samples(point, feature));
      high = std::max(high, samples(point, feature));
    }
    if (!(low < high)) continue;
    const double cut = low + random.uniform() * (high - low);
    const auto middle =
        std::partition(points.begin(), points.end(), [&](std::size_t point) { return samples(point, feature) < cut; });
    const auto left = static_cast<std::size_t>(middle - points.begin());
    if (left == 0) continue;
    nodes_[place] = {.cut = cut, .feature = static_cast<std::int32_t>(feature)};
    grow(samples, points.first(left), depth_left - 1, random);
    nodes_[place].right = static_cast<std::uint32_t>(nodes_.size());
    grow(samples, points.subspan(left), depth_left - 1, random);
    return;
  }
}

double IsolationForest::score(std::span<const double> point) const {
  double total = 0.0;
  for (const std::uint32_t root : roots_) {
    std::uint32_t place = root;
    double depth = 0.0;
    while (nodes_[place].feature >= 0) {
      const Node& node = nodes_[place];
      place = point[static_cast<std::size_t>(node.feature)] < node.cut ? place + 1 : node.right;
      depth += 1.0;
    }
    total += depth + nodes_[place].cut;
  }
  return std::exp2(-total / static_cast<double>(roots_.size()) / normaliser_);
}

}  // namespace topoforge
