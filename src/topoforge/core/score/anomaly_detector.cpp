#include "topoforge/core/score/anomaly_detector.hpp"

#include <cmath>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace topoforge {
namespace {

/// Compressed, so that a far outlier does not dwarf the other inputs.
void prepare(const RobustScaler& scaler, std::span<const double> point, std::span<double> out) {
  for (std::size_t i = 0; i < point.size(); ++i) out[i] = std::asinh(scaler.scaled(point[i], i));
}

DetectorInput both(std::span<const double> point) {
  return {std::span<const double>(), point, point, std::span<const double>()};
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
  Trained trained{.scaler = RobustScaler::fit(normal), .ensemble = {}};
  Matrix prepared(normal.rows, normal.columns);
  for (std::size_t i = 0; i < normal.rows; ++i) prepare(trained.scaler, normal.row(i), prepared.row(i));
  trained.ensemble = Ensemble::fit({Matrix(), prepared, prepared, Matrix()},
                                   {.contamination = options_.contamination, .seed = options_.seed});
  trained_ = std::move(trained);
  return {};
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
  std::vector<double> prepared(point.size());
  prepare(trained_->scaler, point, prepared);
  const EnsembleScore score = trained_->ensemble.score(both(prepared));
  return Prediction{.is_anomaly = score.evidence > trained_->ensemble.threshold(),
                    .severity = anomaly_score(score.p_value)};
}

}  // namespace topoforge
