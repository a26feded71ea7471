#include "topoforge/core/score/anomaly_detector.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "topoforge/core/score/novelty_models.hpp"

namespace topoforge {
namespace {

constexpr std::size_t kFolds = 5;
constexpr TailCalibrationOptions kRawTail{.least_scale = 0.01, .prior_shape = 0.5};
constexpr TailCalibrationOptions kEvidenceTail{.least_scale = 0.2, .prior_shape = 0.0};
constexpr std::array kFits = {fit_isolation_forest, fit_autoencoder};

/// Compressed, so that a far outlier does not dwarf the other inputs.
std::vector<float> prepared(const RobustScaler& scaler, std::span<const double> point) {
  std::vector<float> result(point.size());
  for (std::size_t i = 0; i < point.size(); ++i) result[i] = static_cast<float>(std::asinh(scaler.scaled(point[i], i)));
  return result;
}

}  // namespace

AnomalyDetector::AnomalyDetector(std::size_t input_dim, AnomalyDetectorOptions options)
    : input_dim_(input_dim), options_(options) {}

Result<void> AnomalyDetector::train(const Matrix& normal) {
  if (!(options_.contamination > 0.0 && options_.contamination <= 0.5)) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("contamination is {}; wanted a number above 0 and at most 0.5", options_.contamination));
  }
  if (input_dim_ == 0 || normal.columns != input_dim_ || normal.rows < kLeastTrainingPoints) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("training data are {} x {}; wanted at least {} rows of {} values, at least one value",
                            normal.rows, normal.columns, kLeastTrainingPoints, input_dim_));
  }
  for (std::size_t i = 0; i < normal.rows; ++i) {
    for (std::size_t j = 0; j < normal.columns; ++j) {
      if (std::isfinite(normal(i, j))) continue;
      return fail(ErrorCode::invalid_data,
                  fmt::format("training data at row {}, column {}: {}; wanted a finite number", i, j, normal(i, j)));
    }
  }
  Trained trained{.scaler = RobustScaler::fit(normal)};
  std::vector<float> values;
  std::vector<std::size_t> starts;
  for (std::size_t i = 0; i < normal.rows; ++i) {
    starts.push_back(values.size());
    const std::vector<float> point = prepared(trained.scaler, normal.row(i));
    values.insert(values.end(), point.begin(), point.end());
  }
  const DetectorSettings settings{.channels = input_dim_, .rows = normal.rows, .seed = options_.seed};
  std::vector<float> scratch;
  std::vector<double> p_values(normal.rows * kFits.size());
  for (std::size_t k = 0; k < kFits.size(); ++k) {
    // Each point is scored by a model that did not see it.
    std::vector<double> raw(normal.rows);
    for (std::size_t fold = 0; fold < kFolds; ++fold) {
      const auto first = starts.begin() + static_cast<std::ptrdiff_t>(fold * normal.rows / kFolds);
      const auto last = starts.begin() + static_cast<std::ptrdiff_t>((fold + 1) * normal.rows / kFolds);
      std::vector<std::size_t> others(starts.begin(), first);
      others.insert(others.end(), last, starts.end());
      const auto model = kFits[k](Samples(values, std::move(others), input_dim_), settings);
      for (auto start = first; start != last; ++start) {
        raw[*start / input_dim_] =
            static_cast<double>(model->raw(std::span(values).subspan(*start, input_dim_), scratch));
      }
    }
    trained.models.push_back(kFits[k](Samples(values, starts, input_dim_), settings));
    trained.tails.push_back(TailCalibration::fit(raw, kRawTail));
    for (std::size_t i = 0; i < normal.rows; ++i) p_values[i * kFits.size() + k] = trained.tails.back().p_value(raw[i]);
  }
  std::vector<double> held_out(normal.rows);
  for (std::size_t i = 0; i < normal.rows; ++i)
    held_out[i] = evidence(std::span(p_values).subspan(i * kFits.size(), kFits.size()));
  trained.combined = TailCalibration::fit(held_out, kEvidenceTail);
  trained.threshold = quantile(held_out, 1.0 - options_.contamination);
  trained_ = std::move(trained);
  return {};
}

/// Of the one that says more.
double AnomalyDetector::evidence(std::span<const double> p_values) {
  return bounded_evidence(*std::min_element(p_values.begin(), p_values.end()));
}

Result<Prediction> AnomalyDetector::predict(std::span<const double> point) const {
  if (!trained_) return fail(ErrorCode::invalid_argument, "the detector is not trained; call train with normal data");
  if (point.size() != input_dim_) {
    return fail(ErrorCode::invalid_argument, fmt::format("point has {} values; wanted {}", point.size(), input_dim_));
  }
  for (std::size_t i = 0; i < point.size(); ++i) {
    if (std::isfinite(point[i])) continue;
    return fail(ErrorCode::invalid_argument,
                fmt::format("value {} of the point is {}; wanted a finite number", i, point[i]));
  }
  const std::vector<float> features = prepared(trained_->scaler, point);
  std::vector<float> scratch;
  std::vector<double> p_values;
  for (std::size_t k = 0; k < trained_->models.size(); ++k)
    p_values.push_back(trained_->tails[k].p_value(static_cast<double>(trained_->models[k]->raw(features, scratch))));
  const double found = evidence(p_values);
  return Prediction{.is_anomaly = found > trained_->threshold,
                    .severity = anomaly_score(trained_->combined.p_value(found))};
}

}  // namespace topoforge
