#include "topoforge/core/score/robust_scaler.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace topoforge {

double quantile(std::span<double> values, double level) {
  assert(!values.empty() && level >= 0.0 && level <= 1.0);
  const double place = level * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const auto nth = values.begin() + static_cast<std::ptrdiff_t>(below);
  std::nth_element(values.begin(), nth, values.end());
  const double low = *nth;
  if (below + 1 == values.size()) return low;
  const double high = *std::min_element(nth + 1, values.end());
  return low + (place - static_cast<double>(below)) * (high - low);
}

double median(std::span<double> values) { return quantile(values, 0.5); }

RobustScaler RobustScaler::fit(const Matrix& rows) {
  assert(rows.rows >= 1);
  constexpr double kNormalConsistency = 1.4826;
  constexpr double kDeviationShare = 0.25;
  constexpr double kFloorShare = 0.01;
  RobustScaler scaler;
  const auto n = static_cast<double>(rows.rows);
  std::vector<double> column(rows.rows);
  for (std::size_t channel = 0; channel < rows.columns; ++channel) {
    double mean = 0.0;
    for (std::size_t i = 0; i < rows.rows; ++i) {
      column[i] = rows(i, channel);
      mean += column[i] / n;
    }
    double variance = 0.0;
    for (const double value : column) variance += (value - mean) * (value - mean) / n;
    const auto [least, greatest] = std::minmax_element(column.begin(), column.end());
    const double range = *greatest - *least;
    const double centre = median(column);
    for (double& value : column) value = std::abs(value - centre);
    double floor = kFloorShare * std::max(1.0, std::abs(centre));
    if (range > 0.0) floor = std::min(floor, range);
    scaler.centre_.push_back(centre);
    scaler.scale_.push_back(
        std::max({kNormalConsistency * median(column), kDeviationShare * std::sqrt(variance), floor}));
  }
  return scaler;
}

double RobustScaler::scaled(double value, std::size_t channel) const {
  return std::clamp((value - centre_[channel]) / scale_[channel], -kClip, kClip);
}

Matrix RobustScaler::scaled(const Matrix& rows) const {
  assert(rows.columns == centre_.size());
  Matrix result(rows.rows, rows.columns);
  for (std::size_t i = 0; i < rows.rows; ++i) {
    for (std::size_t channel = 0; channel < rows.columns; ++channel) {
      result(i, channel) = scaled(rows(i, channel), channel);
    }
  }
  return result;
}

void RobustScaler::scale(std::span<const double> rows, std::span<float> out) const {
  assert(rows.size() == out.size() && rows.size() % centre_.size() == 0);
  for (std::size_t i = 0; i < rows.size(); ++i)
    out[i] = static_cast<float>(std::nearbyint(scaled(rows[i], i % centre_.size()) / kResolution) * kResolution);
}

}  // namespace topoforge
