#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "topoforge/base/matrix.hpp"
#include "topoforge/base/random.hpp"

/// Purpose: points that random cuts separate quickly are anomalies.
/// Source: Liu, Ting, Zhou, "Isolation Forest" (ICDM 2008). Thread safety: immutable after fit.
namespace topoforge {

struct IsolationForestOptions {
  std::size_t trees = 100;
  std::size_t subsample = 256;  ///< points of a tree, drawn without replacement; at most the number of samples
  double contamination = 0.1;   ///< share of the training samples above threshold(), in (0, 0.5]
  std::uint64_t seed = 42;
};

class IsolationForest {
 public:
  IsolationForest() = default;
  /// samples: n x d, n >= 1, finite (asserted). O(trees * subsample * log subsample).
  static IsolationForest fit(const Matrix& samples, const IsolationForestOptions& options = {});

  /// 2^(-E[h(x)] / c(subsample)), in (0, 1); about 0.5 for typical points, towards 1 for anomalies.
  /// O(trees * log subsample).
  [[nodiscard]] double score(std::span<const double> point) const;
  /// The (1 - contamination) quantile of the training scores.
  [[nodiscard]] double threshold() const { return threshold_; }
  [[nodiscard]] std::size_t memory_bytes() const { return nodes_.capacity() * sizeof(Node); }

 private:
  struct Node {
    double cut = 0.0;           ///< inner: x[feature] < cut goes left; leaf: path length that its points would add
    std::int32_t feature = -1;  ///< -1: a leaf
    std::uint32_t right = 0;    ///< the left child follows its parent
  };

  void grow(const Matrix& samples, std::span<std::size_t> points, std::size_t depth_left, Random& random);

  std::vector<Node> nodes_;
  std::vector<std::uint32_t> roots_;
  double normaliser_ = 1.0;  ///< c(subsample)
  double threshold_ = 0.0;
};

}  // namespace topoforge
