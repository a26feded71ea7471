#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "topoforge/base/matrix.hpp"
#include "topoforge/base/stepwise.hpp"
#include "topoforge/core/score/autoencoder.hpp"
#include "topoforge/core/score/isolation_forest.hpp"
#include "topoforge/core/score/mahalanobis.hpp"
#include "topoforge/core/score/tail_calibration.hpp"

/// Purpose: detectors that look at one thing from different sides, combined into one calibrated p-value.
/// Each raw value becomes a p-value against the training samples, scored in folds that were left out of the fit; the
/// evidence -log10 p of each is bounded, and that of the stronger half averaged, so that two detectors of many are
/// heard and one alone can speak but not shout; the average is calibrated in the same way. Determinism: a function of
/// inputs and options alone. Thread safety: immutable after fit.
namespace topoforge {

enum class Detector {
  topology,  ///< Mahalanobis distance of the features of a diagram
  isolation_forest,
  autoencoder,        ///< reconstruction error
  robust_statistics,  ///< greatest input
};
inline constexpr std::size_t kDetectors = 4;
/// "topology", "isolation_forest", "autoencoder", "robust_statistics".
std::string_view to_string(Detector detector);

/// By detector; one that looks at nothing has an empty matrix or span and is left out.
using DetectorSamples = std::array<Matrix, kDetectors>;
using DetectorInput = std::array<std::span<const double>, kDetectors>;

struct EnsembleOptions {
  double contamination = 0.1;  ///< share of the samples above threshold(), in (0, 0.5]
  std::size_t overlap = 0;     ///< neighbours on each side of a sample that share data with it
  std::uint64_t seed = 42;
};

struct DetectorEvidence {
  Detector detector = Detector::topology;
  double raw = 0.0;  ///< in the detector's own unit, higher is stranger
  double p_value = 1.0;
};

struct EnsembleScore {
  double evidence = 0.0;  ///< mean of the stronger half of the bounded -log10 p
  double p_value = 1.0;
  std::vector<DetectorEvidence> detectors;
  std::vector<double> residual;  ///< what the autoencoder restored minus its input; empty where it is left out
};

class Ensemble {
 public:
  Ensemble() = default;
  /// samples: matrices of equally many rows n >= 1, in the order of time; at least one is not empty (asserted).
  /// With n = 1 nothing can be held out: every p-value is 1.
  static Ensemble fit(DetectorSamples samples, const EnsembleOptions& options = {});
  /// The same in at most kMostFittingSteps steps.
  static Stepwise<Ensemble> fitting(DetectorSamples samples, EnsembleOptions options);

  [[nodiscard]] EnsembleScore score(const DetectorInput& input) const;
  /// The (1 - contamination) quantile of the evidence of the held-out samples.
  [[nodiscard]] double threshold() const { return threshold_; }
  [[nodiscard]] std::size_t memory_bytes() const;

  static constexpr std::size_t kFolds = 5;
  static constexpr std::size_t kMostFittingSteps =
      (kFolds + 1) * (AutoencoderOptions{}.steps / Autoencoder::kTrainingStepsAtOnce +
                      IsolationForestOptions{}.trees / IsolationForest::kTreesAtOnce + 2);

 private:
  struct Members {
    Mahalanobis topology;
    IsolationForest forest;
    Autoencoder autoencoder;

    [[nodiscard]] double raw(Detector detector, std::span<const double> input) const;
  };

  [[nodiscard]] Stepwise<Members> fit_members(const DetectorSamples& samples,
                                              std::span<const std::size_t> chosen) const;
  /// By enabled detector, the raw value of each sample by members that saw neither it nor what shares data with it.
  [[nodiscard]] Stepwise<std::vector<std::vector<double>>> held_out_values(const DetectorSamples& samples) const;
  void calibrate(const std::vector<std::vector<double>>& held_out);

  EnsembleOptions options_;
  std::vector<Detector> enabled_;
  Members members_;
  std::vector<TailCalibration> tails_;  ///< in the order of enabled_
  TailCalibration combined_;
  double threshold_ = 0.0;
};

/// Anomaly score in [0, 1): l^2 / (l^2 + 9) with l = -log10 p. One in a thousand is 0.5, one in a million 0.8.
double anomaly_score(double p_value);

}  // namespace topoforge
