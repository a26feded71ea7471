#include "topoforge/core/score/tail_calibration.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

namespace topoforge {
namespace {

constexpr double kTailShare = 0.1;
constexpr std::size_t kLeastForTail = 20;
constexpr std::size_t kMostKept = 512;
constexpr std::size_t kLeastForMoments = 10;
constexpr double kLeastShape = 1e-6;  // below it the tail is exponential
constexpr double kGreatestShape = 0.8;
/// Of the smallest spread: so far above a constant history is not above it.
constexpr double kNegligibleShare = 0.1;

/// Runs of exceedances in the order of time: an estimate of how many are independent.
std::size_t runs_above(std::span<const double> scores, double level) {
  std::size_t runs = 0;
  bool above = false;
  for (const double score : scores) {
    if (score > level && !above) ++runs;
    above = score > level;
  }
  return runs;
}

}  // namespace

TailCalibration TailCalibration::fit(std::span<const double> scores, const TailCalibrationOptions& options) {
  assert(options.least_scale > 0.0 && options.prior_shape >= 0.0);
  TailCalibration result;
  result.negligible_ = kNegligibleShare * options.least_scale;
  result.sorted_.assign(scores.begin(), scores.end());
  std::sort(result.sorted_.begin(), result.sorted_.end());
  const std::size_t n = result.sorted_.size();
  result.count_ = n;
  if (n < kLeastForTail) return result;
  const auto start = static_cast<std::size_t>((1.0 - kTailShare) * static_cast<double>(n - 1));
  result.tail_start_ = result.sorted_[start];
  const auto first = std::upper_bound(result.sorted_.begin(), result.sorted_.end(), result.tail_start_);
  const auto count = static_cast<std::size_t>(result.sorted_.end() - first);
  // Where ties leave little or nothing above the start, a first small step beyond them is not yet rare.
  result.tail_share_ = std::max(static_cast<double>(count) / static_cast<double>(n + 1), kTailShare / 2.0);
  double mean = 0.0;
  double weighted = 0.0;
  for (std::size_t i = 0; i < count; ++i) {
    const double excess = *(first + static_cast<std::ptrdiff_t>(i)) - result.tail_start_;
    mean += excess / static_cast<double>(count);
    if (count > 1) {
      weighted +=
          excess * static_cast<double>(count - 1 - i) / static_cast<double>(count - 1) / static_cast<double>(count);
    }
  }
  const std::size_t runs = runs_above(scores, result.tail_start_);
  result.shape_ = options.prior_shape;
  if (runs >= kLeastForMoments && mean > 2.0 * weighted) {
    const double shape = 2.0 - mean / (mean - 2.0 * weighted);
    const double least = std::min(options.prior_shape, 1.0 / std::sqrt(static_cast<double>(runs)));
    result.shape_ = std::clamp(shape, least, kGreatestShape);
  }
  result.scale_ = std::max(mean * (1.0 - result.shape_), options.least_scale);
  if (n > kMostKept) {
    // Below the tail ranks need no more places than this.
    std::vector<double> kept(kMostKept);
    for (std::size_t i = 0; i < kMostKept; ++i) kept[i] = result.sorted_[(2 * i + 1) * n / (2 * kMostKept)];
    result.sorted_ = std::move(kept);
  }
  return result;
}

double TailCalibration::p_value(double score) const {
  score -= negligible_;
  const auto n = static_cast<double>(count_);
  const auto kept = static_cast<double>(sorted_.size());
  const auto above = static_cast<double>(sorted_.end() - std::lower_bound(sorted_.begin(), sorted_.end(), score));
  const double reached = sorted_.empty() ? 0.0 : above * n / kept;
  const double conformal = (reached + 1.0) / (n + 1.0);
  if (tail_share_ == 0.0) return conformal;
  if (score <= tail_start_) return std::max(conformal, tail_share_);
  const double excess = (score - tail_start_) / scale_;
  const double survival = shape_ > kLeastShape ? std::pow(1.0 + shape_ * excess, -1.0 / shape_) : std::exp(-excess);
  return std::max(tail_share_ * survival, kLeastPValue);
}

}  // namespace topoforge
