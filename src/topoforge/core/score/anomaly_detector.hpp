#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "topoforge/base/matrix.hpp"
#include "topoforge/base/result.hpp"
#include "topoforge/core/score/detector.hpp"
#include "topoforge/core/score/evidence.hpp"
#include "topoforge/core/score/robust_scaler.hpp"
#include "topoforge/core/score/tail_calibration.hpp"

/// Purpose: isolation forest and autoencoder over single points, under the documented names.
/// Thread safety: train needs one owner; predict is const and safe from any thread after it.
namespace topoforge {

struct AnomalyDetectorOptions {
  double contamination = 0.1;  ///< share of the training points that count as anomalies, in (0, 0.5]
  std::uint64_t seed = 42;
};

struct Prediction {
  bool is_anomaly = false;
  double severity = 0.0;  ///< calibrated, in [0, 1): see anomaly_score(p_value)
};

class AnomalyDetector {
 public:
  explicit AnomalyDetector(std::size_t input_dim, AnomalyDetectorOptions options = {});

  /// normal: n x input_dim, n >= 10. Errors: invalid_argument for another shape or an option outside its range,
  /// invalid_data for a value that is not finite, by row and column.
  Result<void> train(const Matrix& normal);
  /// Errors: invalid_argument before train, for another length, or for a value that is not finite.
  [[nodiscard]] Result<Prediction> predict(std::span<const double> point) const;

  static constexpr std::size_t kLeastTrainingPoints = 10;

 private:
  struct Trained {
    RobustScaler scaler;
    std::vector<std::unique_ptr<NoveltyModel>> models = {};
    std::vector<TailCalibration> tails = {};
    TailCalibration combined = {};
    double threshold = 0.0;  ///< of the evidence
  };

  [[nodiscard]] static double evidence(std::span<const double> p_values);

  std::size_t input_dim_;
  AnomalyDetectorOptions options_;
  std::optional<Trained> trained_;
};

}  // namespace topoforge
