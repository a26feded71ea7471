#include "topoforge/core/score/evidence.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <utility>

namespace topoforge {
namespace {

constexpr double kBound = 5.0;
/// Covariances of a window are many numbers, of which chance finds an odd one more often than their calibration says.
constexpr double kSecondOrderBound = 8.0;
/// Mean evidence is exponential, its scale at most log10(e), which detectors that agree have.
constexpr TailCalibrationOptions kShapeTail{.least_scale = 0.1, .prior_shape = 0.0};

/// Nears the bound slowly, so that what is far beyond every clean window is still told from what is farther.
double bounded(double p_value, double bound) {
  const double evidence = -std::log10(p_value);
  return evidence / std::sqrt(1.0 + evidence * evidence / (bound * bound));
}

}  // namespace

double bounded_evidence(double p_value) { return bounded(p_value, kBound); }

double rounded_p_value(double p_value) {
  return std::pow(10.0, -kEvidenceStep * std::round(-std::log10(p_value) / kEvidenceStep));
}

double anomaly_score(double p_value) {
  constexpr double kHalf = 3.0;  // -log10 of the p-value whose score is 0.5
  const double evidence = -std::log10(p_value);
  return evidence * evidence / (evidence * evidence + kHalf * kHalf);
}

Combination::Combination(std::vector<DetectorGroup> groups, bool one_channel)
    : groups_(std::move(groups)), one_channel_(one_channel) {}

double Combination::mean_of_shape(std::span<const double> p_values) const {
  double sum = 0.0;
  std::size_t count = 0;
  for (std::size_t k = 0; k < groups_.size(); ++k) {
    if (groups_[k] != DetectorGroup::shape || std::isnan(p_values[k])) continue;
    sum += bounded_evidence(p_values[k]);
    ++count;
  }
  return count > 0 ? sum / static_cast<double>(count) : std::numeric_limits<double>::quiet_NaN();
}

void Combination::calibrate_shape(std::span<const double> p_values) {
  assert(!groups_.empty() && p_values.size() % groups_.size() == 0);
  std::vector<double> means;
  for (std::size_t i = 0; i < p_values.size(); i += groups_.size()) {
    const double mean = mean_of_shape(p_values.subspan(i, groups_.size()));
    if (!std::isnan(mean)) means.push_back(mean);
  }
  shape_ = TailCalibration::fit(means, kShapeTail);
}

double Combination::evidence(std::span<const double> p_values) const {
  assert(p_values.size() == groups_.size());
  std::vector<double> values;
  double strongest = 0.0;
  for (std::size_t k = 0; k < groups_.size(); ++k) {
    if (std::isnan(p_values[k])) continue;
    if (groups_[k] == DetectorGroup::values) values.push_back(bounded_evidence(p_values[k]));
    if (groups_[k] == DetectorGroup::second_order)
      strongest = std::max(strongest, bounded(p_values[k], kSecondOrderBound));
  }
  const double shape = mean_of_shape(p_values);
  if (!std::isnan(shape)) strongest = std::max(strongest, -std::log10(shape_.p_value(shape)));
  if (values.empty()) return strongest;
  std::sort(values.begin(), values.end(), std::greater<>());
  const std::size_t taken = one_channel_ ? values.size() : (values.size() + 1) / 2;
  const double mean = std::accumulate(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(taken), 0.0) /
                      static_cast<double>(taken);
  return std::max(strongest, mean);
}

double Combination::agreed_p_value(std::span<const double> p_values) const {
  assert(p_values.size() == groups_.size());
  std::vector<double> values;
  for (std::size_t k = 0; k < groups_.size(); ++k) {
    if (groups_[k] == DetectorGroup::values && !std::isnan(p_values[k])) values.push_back(p_values[k]);
  }
  if (values.size() < 2) return 1.0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return std::min(2.0 * *middle, 1.0);
}

}  // namespace topoforge
