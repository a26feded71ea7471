#pragma once

#include <cstddef>
#include <span>

#include "topoforge/base/result.hpp"
#include "topoforge/core/cloud/point_cloud.hpp"

/// Purpose: from a scalar series to points whose shape is that of its dynamics.
/// Source: Takens, "Detecting strange attractors in turbulence" (1981). Thread safety: pure functions.
namespace topoforge {

struct DelayEmbedding {
  std::size_t dimension = 3;  ///< d, at least 1
  std::size_t lag = 1;        ///< in samples, at least 1
};

/// values: n samples at a uniform step. Result: (n - (d-1)*lag) points (x_t, x_{t+lag}, ..., x_{t+(d-1)lag}) in R^d.
/// Errors: invalid_argument if d or lag is 0, or if n <= (d-1)*lag. O(n*d).
Result<PointCloud> delay_embed(std::span<const double> values, DelayEmbedding options);

/// The first lag from 1 to max_lag at which the autocorrelation of the detrended values is below 1/e; max_lag if there
/// is none, and 1 for a constant series. O(n * max_lag).
std::size_t decorrelation_lag(std::span<const double> values, std::size_t max_lag);

}  // namespace topoforge
