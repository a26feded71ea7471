#include "topoforge/core/score/isolation_forest.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

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
  return fitting(samples, options).finish();
}

Stepwise<IsolationForest> IsolationForest::fitting(const Matrix& samples, IsolationForestOptions options) {
  assert(samples.rows >= 1 && options.trees >= 1 && options.subsample >= 1 && options.subsample <= 32768);
  assert(samples.columns <= std::numeric_limits<std::uint16_t>::max());
  IsolationForest forest;
  const std::size_t size = std::min(options.subsample, samples.rows);
  forest.levels_ = static_cast<std::size_t>(std::ceil(std::log2(std::max<double>(2.0, static_cast<double>(size)))));
  forest.normaliser_ = std::max(mean_path_length(size), 1e-9);
  Random random(options.seed);
  std::vector<std::size_t> points(samples.rows);
  std::iota(points.begin(), points.end(), std::size_t{0});
  for (std::size_t tree = 0; tree < options.trees; ++tree) {
    if (tree > 0 && tree % kTreesAtOnce == 0) co_await next_step();
    for (std::size_t i = 0; i < size; ++i) std::swap(points[i], points[i + random.below(points.size() - i)]);
    const std::size_t root = forest.nodes_.size();
    forest.roots_.push_back(root);
    forest.nodes_.emplace_back();
    forest.lengths_.emplace_back();
    forest.grow(samples, std::span(points).first(size), root, 0, random);
  }
  co_return forest;
}

void IsolationForest::grow(const Matrix& samples, std::span<std::size_t> points, std::size_t place, std::size_t depth,
                           Random& random) {
  nodes_[place] = {.cut = std::numeric_limits<float>::infinity(),
                   .children = static_cast<std::uint16_t>(place - roots_.back())};
  lengths_[place] = static_cast<double>(depth) + mean_path_length(points.size());
  if (points.size() < 2 || depth == levels_) return;
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
    const auto cut = static_cast<float>(low + random.uniform() * (high - low));
    const auto middle = std::partition(points.begin(), points.end(), [&](std::size_t point) {
      return samples(point, feature) < static_cast<double>(cut);
    });
    const auto below = static_cast<std::size_t>(middle - points.begin());
    if (below == 0 || below == points.size()) continue;
    const std::size_t children = nodes_.size();
    nodes_.resize(children + 2);
    lengths_.resize(children + 2);
    nodes_[place] = {.cut = cut,
                     .feature = static_cast<std::uint16_t>(feature),
                     .children = static_cast<std::uint16_t>(children - roots_.back())};
    grow(samples, points.first(below), children, depth + 1, random);
    grow(samples, points.subspan(below), children + 1, depth + 1, random);
    return;
  }
}

double IsolationForest::score(std::span<const double> point) const {
  double total = 0.0;
  for (const std::size_t root : roots_) {
    // No branch to be mispredicted: a leaf is its own child.
    std::size_t place = root;
    for (std::size_t level = 0; level < levels_; ++level) {
      const Node& node = nodes_[place];
      place = root + node.children + (point[node.feature] < static_cast<double>(node.cut) ? 0U : 1U);
    }
    total += lengths_[place];
  }
  return std::exp2(-total / static_cast<double>(roots_.size()) / normaliser_);
}

}  // namespace topoforge
