#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "topoforge/base/matrix.hpp"
#include "topoforge/base/stepwise.hpp"
#include "topoforge/core/score/detector.hpp"
#include "topoforge/core/score/evidence.hpp"
#include "topoforge/core/score/robust_scaler.hpp"
#include "topoforge/core/score/running_median.hpp"
#include "topoforge/core/score/shape_view.hpp"
#include "topoforge/core/score/tail_calibration.hpp"

/// Purpose: what is normal for one stream, as each detector that suits it has learned, and how strange its newest rows
/// are against that. A detector joins once there are rows enough for it; its raw value becomes a p-value against the
/// rows that it learned from, scored in folds that were left out of the fit, and the p-values become one by
/// Combination, which is calibrated in the same way. A fitted model is a function of rows, options and seed alone.
/// Thread safety: a model is immutable after fit; a scorer has one owner at a time.
namespace topoforge {

struct StreamModelOptions {
  std::size_t window = 50;  ///< of the verdicts, by which the amount of calibration data is measured
  std::uint64_t seed = 42;
  ShapeViewOptions view = {};
};

/// Rows to learn from, oldest first. A run is an uninterrupted stretch: no window reaches over its edge.
struct CalibrationRows {
  Matrix rows;
  std::vector<std::size_t> run_starts;  ///< ascending, the first is 0
};

struct DetectorEvidence {
  std::string_view detector;
  double raw = 0.0;  ///< in the detector's own unit, higher is stranger
  double p_value = 1.0;
};

struct StreamScore {
  double p_value = 1.0;  ///< of all detectors; drawn towards 1 while there is little calibration data
  std::vector<DetectorEvidence> detectors;
  std::vector<double> channel_shares;  ///< of the deviation, sum to 1
};

class StreamModel {
 public:
  /// calibration.rows.rows >= 1. O(rows * (looks + scores) + folds * fits).
  static StreamModel fit(CalibrationRows calibration, const StreamModelOptions& options);
  /// The same in at most most_fitting_steps() steps.
  static Stepwise<StreamModel> fitting(CalibrationRows calibration, StreamModelOptions options);
  static std::size_t most_fitting_steps(std::size_t rows, std::size_t channels);

  [[nodiscard]] const ShapeView& view() const { return view_; }
  [[nodiscard]] const RobustScaler& scaler() const { return scaler_; }
  /// What the amount of calibration data earns: w / (w + 20) for w disjoint windows of it.
  [[nodiscard]] double confidence() const { return confidence_; }
  /// Newest rows of the stream that a scorer looks at.
  [[nodiscard]] std::size_t trail_rows() const { return trail_rows_; }
  [[nodiscard]] std::size_t memory_bytes() const;

  static constexpr std::size_t kFolds = 5;

 private:
  friend class StreamScorer;

  /// Where a stream changes all the time, a raw value counts by what it lately was: it is divided by the median of the
  /// last kLevelSamples of every kLevelEvery rows, where that is above the median of calibration.
  static constexpr std::size_t kLevelEvery = 10;
  static constexpr std::size_t kLevelSamples = 60;

  struct FittedDetector {
    const DetectorKind* kind = nullptr;
    std::unique_ptr<NoveltyModel> model = nullptr;
    TailCalibration tail = {};
    float usual = 0.0F;  ///< median of the raw values in calibration
    /// At its end; empty where raw values count as they are.
    RunningMedian level = RunningMedian(kLevelSamples);
  };
  class Fit;

  DetectorSettings settings_;
  RobustScaler scaler_;
  ShapeView view_;
  std::size_t trail_rows_ = 1;
  std::vector<FittedDetector> detectors_;
  Combination combination_;
  TailCalibration combined_;
  double confidence_ = 0.0;
  double trust_ = 0.0;  ///< exponent of a p-value, below 1 while little was seen
};

/// The newest rows of one stream and what its detectors said of them.
class StreamScorer {
 public:
  /// Begins with a model; rows: the newest of the stream, oldest first, as many as there are up to model.trail_rows().
  void begin(const StreamModel& model, const Matrix& rows);
  /// The next row of the stream, by the model that it began with. O(channels), now and then O(trail).
  void push(const StreamModel& model, std::span<const double> row);
  /// Of the newest row. What was scored before is not scored again: once for each row, or less often.
  StreamScore score(const StreamModel& model, Workspace& workspace);
  [[nodiscard]] std::size_t memory_bytes() const;

 private:
  struct Track {
    std::vector<float> raw = {};  ///< a ring of the newest `smoothing` values
    std::uint64_t looked = 0;     ///< rows pushed when the newest was made; 0: never
    Carry carry = {};
    RunningMedian level;
    std::uint64_t levelled = 0;  ///< rows pushed when the newest level was taken
  };

  [[nodiscard]] std::optional<double> raw_value(const StreamModel& model, std::size_t index, Workspace& workspace);
  [[nodiscard]] Trail trail(std::size_t span, std::size_t age) const;
  [[nodiscard]] std::vector<double> channel_shares(const StreamModel& model) const;

  std::vector<float> values_;  ///< scaled, oldest first; the newest trail_rows_ count
  std::size_t channels_ = 1;
  std::size_t trail_rows_ = 1;
  std::uint64_t pushed_ = 0;
  std::vector<Track> tracks_;
};

}  // namespace topoforge
