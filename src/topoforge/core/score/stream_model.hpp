#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "topoforge/base/matrix.hpp"
#include "topoforge/base/stepwise.hpp"
#include "topoforge/core/cloud/window_cloud.hpp"
#include "topoforge/core/diagram/vietoris_rips.hpp"
#include "topoforge/core/score/ensemble.hpp"
#include "topoforge/core/score/robust_scaler.hpp"

/// Purpose: what is normal for one stream, and how strange a window is against it. Topology looks at the shape of the
/// window, the isolation forest at level, spread and roughness of its newest rows, the autoencoder at its values,
/// pooled in time, robust statistics at the greatest lasting shift of a channel. A fitted model is a function of rows,
/// options and seed alone. Thread safety: immutable after fit.
namespace topoforge {

struct StreamModelOptions {
  std::size_t window = 50;
  std::size_t max_dimension = 2;  ///< of homology
  std::uint64_t seed = 42;
  /// Of a single channel.
  std::size_t embedding_dimension = kDefaultEmbeddingDimension;
  std::size_t embedding_lag = 0;  ///< in rows; 0: where the rows lose their correlation
};

/// What a shape depends on besides the rows of its window.
struct ShapeView {
  std::vector<double> grid;  ///< by channel: values are rounded to multiples of it, a power of two
  std::size_t lag = 1;       ///< of the embedding of a single channel

  bool operator==(const ShapeView&) const = default;
};

/// Rows to learn from, oldest first. A run is an uninterrupted stretch: no window reaches over its edge.
struct CalibrationRows {
  Matrix rows;
  std::vector<std::size_t> run_starts;  ///< ascending, the first is 0
  /// By row, what is known already of the shape of the window that ends there, seen by `view`: its features, or NaN.
  /// Empty where nothing is.
  std::vector<float> features = {};
  ShapeView view = {};
};

/// The diagram of a window, normalised (window_cloud), and its features, which are numbers of single precision.
struct WindowShape {
  PersistenceDiagram diagram;
  std::vector<double> features;
};

struct WindowScore {
  double p_value = 1.0;  ///< of all detectors; drawn towards 1 while there is little calibration data
  std::vector<DetectorEvidence> detectors;
  std::vector<double> channel_shares;  ///< of the deviation, sum to 1
};

class StreamModel {
 public:
  /// calibration.rows.rows >= 1. At most kMaxCalibrationWindows windows, evenly spread, are used.
  /// O(windows * (diagram + trees * log subsample) + folds * training).
  static StreamModel fit(CalibrationRows calibration, const StreamModelOptions& options, VietorisRips& engine);
  /// The same in at most kMostFittingSteps steps; the engine must live so long, and may do other work between them.
  static Stepwise<StreamModel> fitting(CalibrationRows calibration, StreamModelOptions options, VietorisRips& engine);

  /// window: options.window rows, oldest first. Differences far below a channel's usual spread are no shape: values are
  /// rounded to a grid of 1/64 to 1/128 of its scale. The distances of the cloud are normalised. A diagram that is too
  /// rich for a stream is cut short, see PersistenceDiagram::approximation.
  [[nodiscard]] WindowShape shape(const Matrix& window, VietorisRips& engine) const;
  /// The parts of it: described(diagram of the normalised distances of cloud(window), by rips_options()).
  [[nodiscard]] PointCloud cloud(const Matrix& window) const;
  [[nodiscard]] VietorisRipsOptions rips_options() const;
  [[nodiscard]] WindowShape described(PersistenceDiagram diagram) const;
  /// window_shape: shape(window). Every p-value is 1 where the calibration held no run long enough to learn from.
  [[nodiscard]] WindowScore score(const Matrix& window, const WindowShape& window_shape) const;

  [[nodiscard]] const ShapeView& view() const { return view_; }
  [[nodiscard]] const RobustScaler& scaler() const { return scaler_; }
  /// What the amount of calibration data earns: w / (w + 20) for w disjoint windows of it.
  [[nodiscard]] double confidence() const { return confidence_; }
  [[nodiscard]] std::size_t memory_bytes() const { return ensemble_.memory_bytes(); }

  static constexpr std::size_t kMaxCalibrationWindows = 800;
  static constexpr std::size_t kMostFittingSteps = kMaxCalibrationWindows + 1 + Ensemble::kMostFittingSteps;

 private:
  [[nodiscard]] Stepwise<DetectorSamples> samples(const CalibrationRows& calibration, std::span<const std::size_t> ends,
                                                  bool with_topology, VietorisRips& engine) const;
  [[nodiscard]] bool known_features(const CalibrationRows& calibration, std::size_t row, std::span<double> out) const;

  StreamModelOptions options_;
  RobustScaler scaler_;
  ShapeView view_;
  std::size_t span_ = 0;  ///< newest rows that forest and autoencoder look at; 0: nothing was learned
  std::vector<std::size_t> blocks_;
  Ensemble ensemble_;
  double confidence_ = 0.0;
  double trust_ = 0.0;  ///< exponent of a p-value, below 1 while little was seen
};

}  // namespace topoforge
