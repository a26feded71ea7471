#include "topoforge/core/cloud/delay_embedding.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numbers>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace topoforge {
namespace {

/// Residuals of the least-squares line.
std::vector<double> detrended(std::span<const double> values) {
  const auto n = static_cast<double>(values.size());
  double mean = 0.0;
  for (const double value : values) mean += value / n;
  const double middle = (n - 1.0) / 2.0;
  double covariance = 0.0;
  double variance = 0.0;
  for (std::size_t t = 0; t < values.size(); ++t) {
    const double centred = static_cast<double>(t) - middle;
    covariance += centred * (values[t] - mean);
    variance += centred * centred;
  }
  const double slope = variance > 0.0 ? covariance / variance : 0.0;
  std::vector<double> residuals(values.size());
  for (std::size_t t = 0; t < values.size(); ++t) {
    residuals[t] = values[t] - mean - slope * (static_cast<double>(t) - middle);
  }
  return residuals;
}

}  // namespace

Result<PointCloud> delay_embed(std::span<const double> values, DelayEmbedding options) {
  if (options.dimension == 0 || options.lag == 0) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("dimension {} with lag {}: both must be at least 1", options.dimension, options.lag));
  }
  if (options.dimension - 1 > std::numeric_limits<std::size_t>::max() / 2 / options.lag ||
      values.size() <= (options.dimension - 1) * options.lag) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("lag {} with dimension {} needs more samples than (dimension - 1) * lag, got {}",
                            options.lag, options.dimension, values.size()));
  }
  const std::size_t count = values.size() - (options.dimension - 1) * options.lag;
  PointCloud cloud{.dimension = options.dimension, .coordinates = {}};
  cloud.coordinates.reserve(count * options.dimension);
  for (std::size_t t = 0; t < count; ++t) {
    for (std::size_t k = 0; k < options.dimension; ++k) cloud.coordinates.push_back(values[t + k * options.lag]);
  }
  return cloud;
}

std::size_t decorrelation_lag(std::span<const double> values, std::size_t max_lag) {
  if (values.size() < 3) return 1;
  // Rounding errors of a constant are no signal.
  if (std::adjacent_find(values.begin(), values.end(), std::not_equal_to<>()) == values.end()) return 1;
  const std::vector<double> residuals = detrended(values);
  double power = 0.0;
  for (const double residual : residuals) power += residual * residual;
  if (!(power > 0.0)) return 1;
  for (std::size_t lag = 1; lag < max_lag && lag < residuals.size(); ++lag) {
    double product = 0.0;
    for (std::size_t t = lag; t < residuals.size(); ++t) product += residuals[t] * residuals[t - lag];
    if (std::abs(product) < power / std::numbers::e) return lag;
  }
  return max_lag;
}

}  // namespace topoforge
