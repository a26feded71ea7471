#pragma once

#include <cstddef>
#include <span>
#include <vector>

/// Purpose: a detector's raw value becomes a p-value: how often clean windows reach it.
/// Source: conformal p-values (Vovk et al. 2005) below the 90 % quantile; above it a generalised Pareto tail by
/// probability-weighted moments (Hosking & Wallis 1987), whose exceedances are counted in runs because overlapping
/// windows depend on each other (Leadbetter et al. 1983). Thread safety: immutable after fit.
namespace topoforge {

struct TailCalibrationOptions {
  /// Smallest spread in which an exceedance is measured, > 0, so that a constant history finds nothing extreme.
  double least_scale = 0.01;
  /// Shape of the tail where fewer than ten independent exceedances speak, and the most that few of them may lower it
  /// to: 0 is exponential, 0.5 heavy.
  double prior_shape = 0.5;
};

/// No p-value is less.
inline constexpr double kLeastPValue = 1e-300;

class TailCalibration {
 public:
  TailCalibration() = default;
  /// scores: raw values of clean windows in the order of time, higher is stranger; finite. O(n log n).
  static TailCalibration fit(std::span<const double> scores, const TailCalibrationOptions& options);

  /// In [kLeastPValue, 1], not increasing in score. 1 for every score when nothing was fitted. O(log n).
  [[nodiscard]] double p_value(double score) const;
  /// Scores that it was fitted to.
  [[nodiscard]] std::size_t size() const { return count_; }
  [[nodiscard]] std::size_t memory_bytes() const { return sorted_.capacity() * sizeof(double); }

 private:
  std::vector<double> sorted_;  ///< of many scores, some, evenly over their ranks
  std::size_t count_ = 0;
  double negligible_ = 0.0;  ///< a difference of scores that does not count
  double tail_start_ = 0.0;
  double tail_share_ = 0.0;  ///< P(score > tail_start); 0 without a tail
  double shape_ = 0.0;
  double scale_ = 1.0;
};

}  // namespace topoforge
