#pragma once

#include <cstddef>
#include <span>
#include <vector>

/// Purpose: distance of a feature vector from a cloud of normal ones, in units of their spread.
/// Source: Mahalanobis (1936), covariance of standardised features shrunk towards the identity (Ledoit & Wolf 2004,
/// fixed weight). Thread safety: immutable after fit.
namespace topoforge {

struct MahalanobisOptions {
  double shrinkage = 0.2;         ///< in (0, 1]
  double least_deviation = 0.02;  ///< of a feature, > 0
};

class Mahalanobis {
 public:
  Mahalanobis() = default;
  /// samples: n * dimension numbers, row by row, n >= 1. The centre is their median. O(n d^2 + d^3).
  static Mahalanobis fit(std::span<const float> samples, std::size_t dimension, const MahalanobisOptions& options = {});

  /// Root mean square over the whitened features: about 1 for typical samples. scratch is resized. O(d^2).
  float distance(std::span<const float> point, std::vector<float>& scratch) const;
  [[nodiscard]] std::size_t memory_bytes() const {
    return (centre_.capacity() + scale_.capacity() + inverse_factor_.capacity()) * sizeof(float);
  }

 private:
  std::vector<float> centre_;
  std::vector<float> scale_;           ///< 1 / deviation
  std::vector<float> inverse_factor_;  ///< inverse of the Cholesky factor: row i has i + 1 numbers
};

}  // namespace topoforge
