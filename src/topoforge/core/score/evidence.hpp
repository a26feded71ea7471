#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "topoforge/core/score/detector.hpp"
#include "topoforge/core/score/tail_calibration.hpp"

/// Purpose: the p-values of many detectors of one window become one. Those that look at values are averaged, of several
/// channels the stronger half of them, so that two detectors of many are heard and one alone can speak but not shout.
/// Those that look at shape are averaged and calibrated as one, and the strongest of the groups counts: a change of
/// shape that keeps all values is seen by one group alone. Thread safety: pure functions; Combination is immutable.
namespace topoforge {

/// -log10 p, bounded smoothly: what is beyond every clean window is no better known the farther it is.
double bounded_evidence(double p_value);

/// The p-value whose evidence is the nearest multiple of kEvidenceStep, the same for the same multiple everywhere: it
/// can be kept as a whole number.
inline constexpr double kEvidenceStep = 1e-6;
double rounded_p_value(double p_value);

/// Anomaly score in [0, 1): l^2 / (l^2 + 9) with l = -log10 p. One in a thousand is 0.5, one in a million 0.8.
double anomaly_score(double p_value);

/// How the evidence of the detectors is put together.
class Combination {
 public:
  Combination() = default;
  /// groups: of each detector. one_channel: all that look at values are averaged.
  Combination(std::vector<DetectorGroup> groups, bool one_channel);

  /// Calibrates the detectors of shape as one. p_values: of clean windows in the order of time, one after the other,
  /// one for each detector; a NaN where a detector had none.
  void calibrate_shape(std::span<const double> p_values);
  /// One for each detector; NaN: it has none. 0 or more.
  [[nodiscard]] double evidence(std::span<const double> p_values) const;
  /// Twice the median p-value of those that look at values, at most 1: however they depend on each other, half of them
  /// are not that small by chance more often. Source: Rueger (1978). NaN: it has none.
  [[nodiscard]] double agreed_p_value(std::span<const double> p_values) const;
  [[nodiscard]] std::size_t memory_bytes() const { return groups_.capacity() + shape_.memory_bytes(); }

 private:
  [[nodiscard]] double mean_of_shape(std::span<const double> p_values) const;

  std::vector<DetectorGroup> groups_;
  bool one_channel_ = false;
  TailCalibration shape_;
};

}  // namespace topoforge
