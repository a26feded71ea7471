#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "topoforge/base/matrix.hpp"
#include "topoforge/base/random.hpp"
#include "topoforge/base/stepwise.hpp"

/// Purpose: points that random cuts separate quickly are anomalies.
/// Source: Liu, Ting, Zhou, "Isolation Forest" (ICDM 2008). Thread safety: immutable after fit.
namespace topoforge {

struct IsolationForestOptions {
  std::size_t trees = 100;
  /// Points of a tree, drawn without replacement; at most the number of samples. Up to 32,768, asserted.
  std::size_t subsample = 256;
  std::uint64_t seed = 42;
};

class IsolationForest {
 public:
  IsolationForest() = default;
  /// samples: n x d, n >= 1, finite (asserted). O(trees * subsample * log subsample).
  static IsolationForest fit(const Matrix& samples, const IsolationForestOptions& options = {});
  /// The same in steps, each of kTreesAtOnce trees; samples must live so long.
  static Stepwise<IsolationForest> fitting(const Matrix& samples, IsolationForestOptions options);

  /// 2^(-E[h(x)] / c(subsample)), in (0, 1); about 0.5 for typical points, towards 1 for anomalies.
  /// O(trees * log subsample).
  [[nodiscard]] double score(std::span<const double> point) const;
  [[nodiscard]] std::size_t memory_bytes() const {
    return nodes_.capacity() * sizeof(Node) + lengths_.capacity() * sizeof(double);
  }

  static constexpr std::size_t kTreesAtOnce = 2;

 private:
  /// Small, for all the nodes on the paths of a point should stay in the cache.
  struct Node {
    float cut = 0.0F;  ///< x[feature] < cut goes to the first child, else to the second
    std::uint16_t feature = 0;
    std::uint16_t children = 0;  ///< the place of the first in its tree; of a leaf, whose cut is +inf, its own
  };

  struct Sample;
  void grow(Sample& sample, std::span<std::uint16_t> points, std::size_t place, std::size_t depth, Random& random);
  /// The sum of those of the trees with these roots.
  template <std::size_t kTrees>
  [[nodiscard]] double path_lengths(std::span<const std::size_t, kTrees> roots, std::span<const double> point) const;

  std::vector<Node> nodes_;
  std::vector<double> lengths_;  ///< of the path to a leaf, with what its points would add
  std::size_t levels_ = 0;       ///< no path has more cuts
  std::vector<std::size_t> roots_;
  double normaliser_ = 1.0;  ///< c(subsample)
};

}  // namespace topoforge
