#pragma once

#include <cstddef>
#include <span>
#include <vector>

/// Purpose: what of a vector the main directions of normal ones cannot restore.
/// Source: subspace method, Jackson & Mudholkar (1979). Thread safety: immutable after fit.
namespace topoforge {

struct PrincipalComponentsOptions {
  double variance = 0.9;        ///< share that the components hold, in (0, 1]
  std::size_t components = 20;  ///< at most so many
};

class PrincipalComponents {
 public:
  PrincipalComponents() = default;
  /// samples: n * dimension numbers, row by row, n >= 1. O(n d^2 + d^3).
  static PrincipalComponents fit(std::span<const float> samples, std::size_t dimension,
                                 const PrincipalComponentsOptions& options = {});

  /// Root mean square of what is not restored of the first `count` coordinates. scratch is resized. O(d * components).
  float residual(std::span<const float> point, std::size_t count, std::vector<float>& scratch) const;
  [[nodiscard]] std::size_t components() const { return mean_.empty() ? 0 : directions_.size() / mean_.size(); }
  [[nodiscard]] std::size_t memory_bytes() const { return (mean_.capacity() + directions_.capacity()) * sizeof(float); }

 private:
  std::vector<float> mean_;
  std::vector<float> directions_;  ///< orthonormal, row by row
};

}  // namespace topoforge
