#include "topoforge/core/score/ensemble.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <functional>
#include <numeric>
#include <utility>

#include "topoforge/core/score/robust_scaler.hpp"

namespace topoforge {
namespace {

constexpr double kEvidenceBound = 5.0;
/// Raw values may have any tail.
constexpr TailCalibrationOptions kRawTail{.least_scale = 0.01, .prior_shape = 0.5};
/// Evidence is a mean of -log10 p: exponential, its scale at most log10(e), which detectors that agree have.
constexpr TailCalibrationOptions kEvidenceTail{.least_scale = 0.2, .prior_shape = 0.0};

double combine(std::span<const double> p_values) {
  std::array<double, kDetectors> evidence{};
  for (std::size_t k = 0; k < p_values.size(); ++k) {
    evidence[k] = kEvidenceBound * std::tanh(-std::log10(p_values[k]) / kEvidenceBound);
  }
  std::sort(evidence.begin(), evidence.end(), std::greater<>());
  const std::size_t half = (p_values.size() + 1) / 2;
  return std::accumulate(evidence.begin(), evidence.begin() + static_cast<std::ptrdiff_t>(half), 0.0) /
         static_cast<double>(half);
}

Matrix picked(const Matrix& rows, std::span<const std::size_t> chosen) {
  Matrix result(chosen.size(), rows.columns);
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    const auto source = rows.row(chosen[i]);
    std::copy(source.begin(), source.end(), result.row(i).begin());
  }
  return result;
}

const Matrix& of(const DetectorSamples& samples, Detector detector) {
  return samples[static_cast<std::size_t>(detector)];
}

}  // namespace

std::string_view to_string(Detector detector) {
  switch (detector) {
    case Detector::topology: return "topology";
    case Detector::isolation_forest: return "isolation_forest";
    case Detector::autoencoder: return "autoencoder";
    case Detector::robust_statistics: return "robust_statistics";
  }
  return "unknown";
}

double anomaly_score(double p_value) {
  constexpr double kHalf = 3.0;  // -log10 of the p-value whose score is 0.5
  const double evidence = -std::log10(p_value);
  return evidence * evidence / (evidence * evidence + kHalf * kHalf);
}

double Ensemble::Members::raw(Detector detector, std::span<const double> input) const {
  switch (detector) {
    case Detector::topology: return topology.distance(input);
    case Detector::isolation_forest: return forest.score(input);
    case Detector::autoencoder: return autoencoder.reconstruction_error(input);
    case Detector::robust_statistics: return *std::max_element(input.begin(), input.end());
  }
  return 0.0;
}

Ensemble Ensemble::fit(DetectorSamples samples, const EnsembleOptions& options) {
  return fitting(std::move(samples), options).finish();
}

Stepwise<Ensemble> Ensemble::fitting(DetectorSamples samples, EnsembleOptions options) {
  Ensemble ensemble;
  ensemble.options_ = options;
  for (const Detector detector :
       {Detector::topology, Detector::isolation_forest, Detector::autoencoder, Detector::robust_statistics}) {
    if (of(samples, detector).rows > 0) ensemble.enabled_.push_back(detector);
  }
  assert(!ensemble.enabled_.empty());
  std::vector<std::size_t> all(of(samples, ensemble.enabled_.front()).rows);
  std::iota(all.begin(), all.end(), std::size_t{0});
  ensemble.members_ = co_await ensemble.fit_members(samples, all);
  ensemble.tails_.resize(ensemble.enabled_.size());
  if (all.size() > 1) {
    const std::vector<std::vector<double>> held_out = co_await ensemble.held_out_values(samples);
    ensemble.calibrate(held_out);
  }
  co_return ensemble;
}

Stepwise<Ensemble::Members> Ensemble::fit_members(const DetectorSamples& samples,
                                                  std::span<const std::size_t> chosen) const {
  Members members;
  for (const Detector detector : enabled_) {
    const Matrix input = picked(of(samples, detector), chosen);
    switch (detector) {
      case Detector::topology: members.topology = Mahalanobis::fit(input); break;
      case Detector::isolation_forest:
        members.forest = co_await IsolationForest::fitting(input, {.seed = options_.seed});
        break;
      case Detector::autoencoder:
        members.autoencoder = co_await Autoencoder::fitting(input, {.seed = options_.seed});
        break;
      case Detector::robust_statistics: break;  // its inputs are already measured in robust deviations
    }
  }
  co_return members;
}

Stepwise<std::vector<std::vector<double>>> Ensemble::held_out_values(const DetectorSamples& samples) const {
  const std::size_t count = of(samples, enabled_.front()).rows;
  std::vector<std::vector<double>> raw(enabled_.size(), std::vector<double>(count));
  const std::size_t folds = std::min(kFolds, count);
  // With few samples the whole overlap cannot be spared.
  const std::size_t gap = std::min(options_.overlap, count / 10);
  for (std::size_t fold = 0; fold < folds; ++fold) {
    const std::size_t first = fold * count / folds;
    const std::size_t last = (fold + 1) * count / folds;
    std::vector<std::size_t> others;
    for (std::size_t i = 0; i < count; ++i) {
      if (i + gap < first || i >= last + gap) others.push_back(i);
    }
    co_await next_step();
    const Members members = co_await fit_members(samples, others);
    co_await next_step();
    for (std::size_t k = 0; k < enabled_.size(); ++k) {
      for (std::size_t i = first; i < last; ++i) {
        raw[k][i] = members.raw(enabled_[k], of(samples, enabled_[k]).row(i));
      }
    }
  }
  co_return raw;
}

void Ensemble::calibrate(const std::vector<std::vector<double>>& held_out) {
  for (std::size_t k = 0; k < enabled_.size(); ++k) tails_[k] = TailCalibration::fit(held_out[k], kRawTail);
  std::vector<double> evidence(held_out.front().size());
  std::vector<double> p_values(enabled_.size());
  for (std::size_t i = 0; i < evidence.size(); ++i) {
    for (std::size_t k = 0; k < enabled_.size(); ++k) p_values[k] = tails_[k].p_value(held_out[k][i]);
    evidence[i] = combine(p_values);
  }
  combined_ = TailCalibration::fit(evidence, kEvidenceTail);
  threshold_ = quantile(evidence, 1.0 - options_.contamination);
}

EnsembleScore Ensemble::score(const DetectorInput& input) const {
  EnsembleScore result;
  std::vector<double> p_values;
  for (std::size_t k = 0; k < enabled_.size(); ++k) {
    const auto part = input[static_cast<std::size_t>(enabled_[k])];
    double raw = 0.0;
    if (enabled_[k] == Detector::autoencoder) {
      result.residual.resize(part.size());
      raw = members_.autoencoder.reconstruction_error(part, result.residual);
    } else {
      raw = members_.raw(enabled_[k], part);
    }
    p_values.push_back(tails_[k].p_value(raw));
    result.detectors.push_back({.detector = enabled_[k], .raw = raw, .p_value = p_values.back()});
  }
  result.evidence = combine(p_values);
  result.p_value = combined_.p_value(result.evidence);
  return result;
}

std::size_t Ensemble::memory_bytes() const {
  std::size_t total = members_.topology.memory_bytes() + members_.forest.memory_bytes() +
                      members_.autoencoder.memory_bytes() + combined_.memory_bytes();
  for (const TailCalibration& tail : tails_) total += tail.memory_bytes();
  return total;
}

}  // namespace topoforge
