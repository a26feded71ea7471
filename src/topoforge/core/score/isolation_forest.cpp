#include "topoforge/core/score/isolation_forest.hpp"

#include <algorithm>
#include <array>
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

/// c(0) to c(most).
std::vector<double> mean_path_lengths(std::size_t most) {
  std::vector<double> lengths(most + 1);
  for (std::size_t n = 0; n <= most; ++n) lengths[n] = mean_path_length(n);
  return lengths;
}

/// Those of which `first` holds to the front, the others behind them, each in their order; returns how many. No branch
/// to be mispredicted. `others` is room for as many.
template <class Predicate>
std::size_t divide(std::span<std::uint16_t> points, std::span<std::uint16_t> others, Predicate first) {
  std::size_t kept = 0;
  std::size_t moved = 0;
  for (const std::uint16_t point : points) {
    const bool keep = first(point);
    points[kept] = point;
    others[moved] = point;
    kept += keep ? 1U : 0U;
    moved += keep ? 0U : 1U;
  }
  std::copy_n(others.begin(), moved, points.begin() + static_cast<std::ptrdiff_t>(kept));
  return kept;
}

}  // namespace

/// What a tree grows from, together so that it stays in the cache.
struct IsolationForest::Sample {
  Matrix values;                      ///< by feature, then by point
  std::vector<std::uint16_t> others;  ///< room for divide()
  std::vector<double> path_lengths;   ///< mean_path_lengths()
};

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
  std::vector<std::size_t> drawn(samples.rows);
  std::iota(drawn.begin(), drawn.end(), std::size_t{0});
  Sample sample{.values = Matrix(samples.columns, size),
                .others = std::vector<std::uint16_t>(size),
                .path_lengths = mean_path_lengths(size)};
  std::vector<std::uint16_t> points(size);
  for (std::size_t tree = 0; tree < options.trees; ++tree) {
    if (tree > 0 && tree % kTreesAtOnce == 0) co_await next_step();
    for (std::size_t i = 0; i < size; ++i) {
      std::swap(drawn[i], drawn[i + random.below(drawn.size() - i)]);
      for (std::size_t j = 0; j < samples.columns; ++j) sample.values(j, i) = samples(drawn[i], j);
    }
    std::iota(points.begin(), points.end(), std::uint16_t{0});
    const std::size_t root = forest.nodes_.size();
    forest.roots_.push_back(root);
    forest.nodes_.emplace_back();
    forest.lengths_.emplace_back();
    forest.grow(sample, points, root, 0, random);
  }
  co_return forest;
}

void IsolationForest::grow(Sample& sample, std::span<std::uint16_t> points, std::size_t place, std::size_t depth,
                           Random& random) {
  nodes_[place] = {.cut = std::numeric_limits<float>::infinity(),
                   .children = static_cast<std::uint16_t>(place - roots_.back())};
  lengths_[place] = static_cast<double>(depth) + sample.path_lengths[points.size()];
  if (points.size() < 2 || depth == levels_) return;
  // A feature that is constant here cannot cut: try the others in random order from a random start.
  const std::size_t features = sample.values.rows;
  const std::size_t start = random.below(features);
  for (std::size_t tried = 0; tried < features; ++tried) {
    const std::size_t feature = (start + tried) % features;
    const auto values = sample.values.row(feature);
    double low = values[points.front()];
    double high = low;
    for (const std::uint16_t point : points) {
      low = std::min(low, values[point]);
      high = std::max(high, values[point]);
    }
    if (!(low < high)) continue;
    const auto cut = static_cast<float>(low + random.uniform() * (high - low));
    const std::size_t below =
        divide(points, sample.others, [&](std::uint16_t point) { return values[point] < static_cast<double>(cut); });
    if (below == 0 || below == points.size()) continue;
    const std::size_t children = nodes_.size();
    nodes_.resize(children + 2);
    lengths_.resize(children + 2);
    nodes_[place] = {.cut = cut,
                     .feature = static_cast<std::uint16_t>(feature),
                     .children = static_cast<std::uint16_t>(children - roots_.back())};
    grow(sample, points.first(below), children, depth + 1, random);
    grow(sample, points.subspan(below), children + 1, depth + 1, random);
    return;
  }
}

template <std::size_t kTrees>
double IsolationForest::path_lengths(std::span<const std::size_t, kTrees> roots, std::span<const double> point) const {
  std::array<std::size_t, kTrees> places{};
  for (std::size_t level = 0; level < levels_; ++level) {
    for (std::size_t tree = 0; tree < kTrees; ++tree) {
      // No branch to be mispredicted: a leaf is its own child.
      const Node& node = nodes_[roots[tree] + places[tree]];
      places[tree] = node.children + (point[node.feature] < static_cast<double>(node.cut) ? 0U : 1U);
    }
  }
  double total = 0.0;
  for (std::size_t tree = 0; tree < kTrees; ++tree) total += lengths_[roots[tree] + places[tree]];
  return total;
}

double IsolationForest::score(std::span<const double> point) const {
  /// Trees that are descended side by side, so that they do not wait for each other's nodes.
  constexpr std::size_t kAbreast = 10;
  double total = 0.0;
  std::size_t first = 0;
  for (; first + kAbreast <= roots_.size(); first += kAbreast) {
    total += path_lengths<kAbreast>(std::span(roots_).subspan(first).template first<kAbreast>(), point);
  }
  for (; first < roots_.size(); ++first) {
    total += path_lengths<1>(std::span(roots_).subspan(first).template first<1>(), point);
  }
  return std::exp2(-total / static_cast<double>(roots_.size()) / normaliser_);
}

}  // namespace topoforge
