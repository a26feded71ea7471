#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "topoforge/base/matrix.hpp"

/// Purpose: channels of different units on one scale, by statistics that outliers do not move.
/// Source: median and median absolute deviation (Hampel 1974). Thread safety: immutable after fit.
namespace topoforge {

/// Linear interpolation between order statistics (the default of NumPy and R). Reorders values; not empty;
/// level in [0, 1]. O(n).
double quantile(std::span<double> values, double level);
double median(std::span<double> values);

class RobustScaler {
 public:
  RobustScaler() = default;
  /// Per channel: centre = median, scale = max(1.4826 MAD, 0.25 standard deviations, floor). The floor, 1 % of
  /// max(1, |median|) and at most the range of a channel that is not constant, keeps a constant history or a tiny
  /// change from looking extreme. rows.rows >= 1.
  static RobustScaler fit(const Matrix& rows);

  [[nodiscard]] const std::vector<double>& centre() const { return centre_; }
  [[nodiscard]] const std::vector<double>& scale() const { return scale_; }
  /// (x - centre) / scale, clipped to +-kClip.
  [[nodiscard]] double scaled(double value, std::size_t channel) const;
  [[nodiscard]] Matrix scaled(const Matrix& rows) const;
  /// The same for detectors: differences far below a channel's usual spread are none, so that multiples of kResolution
  /// are given. out.size() == rows.values.size().
  void scale(std::span<const double> rows, std::span<float> out) const;

  static constexpr double kClip = 20.0;
  static constexpr double kResolution = 1.0 / 64.0;

 private:
  std::vector<double> centre_;
  std::vector<double> scale_;
};

}  // namespace topoforge
