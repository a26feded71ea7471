#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "topoforge/base/matrix.hpp"

/// Purpose: distance of a feature vector from a cloud of normal ones, in units of their spread.
/// Source: Mahalanobis (1936), covariance of standardised features shrunk towards the identity (Ledoit & Wolf 2004,
/// fixed weight). Thread safety: immutable after fit.
namespace topoforge {

class Mahalanobis {
 public:
  Mahalanobis() = default;
  /// samples: n x d, n >= 1. shrinkage in (0, 1]. O(n d^2 + d^3).
  static Mahalanobis fit(const Matrix& samples, double shrinkage = 0.2);

  /// Root mean square over the whitened features: about 1 for typical samples. O(d^2).
  [[nodiscard]] double distance(std::span<const double> point) const;
  [[nodiscard]] std::size_t memory_bytes() const {
    return (2 * mean_.size() + inverse_factor_.values.size()) * sizeof(double);
  }

 private:
  std::vector<double> mean_;
  std::vector<double> deviation_;
  Matrix inverse_factor_;  ///< inverse of the Cholesky factor, lower triangular
};

}  // namespace topoforge
