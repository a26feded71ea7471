#include "topoforge/core/score/stream_model.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "topoforge/core/cloud/delay_embedding.hpp"
#include "topoforge/core/features/topology_features.hpp"
#include "topoforge/core/features/window_features.hpp"

namespace topoforge {
namespace {

constexpr std::size_t kMaxLag = 15;
constexpr double kShapeResolution = 64.0;  // at least, per scale of a channel
/// In steps of the grid: beyond it doubles are too sparse to be rounded, and their squares would soon overflow.
constexpr double kFarthest = 0x1.0p53;
/// For the diagram of a window: some tenths of a second, and 128 MB. Windows of a few hundred events need a hundredth.
constexpr std::size_t kMostCells = std::size_t{1} << 24;
/// Below so many windows a diagram's features have no spread to be measured by.
constexpr std::size_t kLeastWindowsForTopology = 40;
/// Disjoint calibration windows that earn half of the confidence.
constexpr double kHalfConfidenceWindows = 20.0;
/// Disjoint calibration windows at which half of the evidence counts: a tail that was seen for a few seconds is no
/// proof of rarity.
constexpr double kHalfTrustWindows = 1.0;
/// Enough rows to estimate a lag from.
constexpr std::size_t kMaxLagRows = 4096;

std::size_t choose_lag(const Matrix& rows) {
  const std::size_t count = std::min(rows.rows, kMaxLagRows);
  std::vector<double> column(count);
  std::vector<double> lags;
  for (std::size_t channel = 0; channel < rows.columns; ++channel) {
    for (std::size_t i = 0; i < count; ++i) column[i] = rows(rows.rows - count + i, channel);
    lags.push_back(static_cast<double>(decorrelation_lag(column, kMaxLag)));
  }
  return static_cast<std::size_t>(median(lags));
}

/// Rows `first` to `first + count` as a matrix.
Matrix slice(const Matrix& rows, std::size_t first, std::size_t count) {
  const auto begin = rows.values.begin() + static_cast<std::ptrdiff_t>(first * rows.columns);
  return {count, rows.columns, std::vector<double>(begin, begin + static_cast<std::ptrdiff_t>(count * rows.columns))};
}

/// Places one past the last row of each window of `span` rows that stays within its run, thinned to at most `most`.
std::vector<std::size_t> window_ends(const CalibrationRows& calibration, std::size_t span, std::size_t most) {
  std::vector<std::size_t> ends;
  for (std::size_t run = 0; run < calibration.run_starts.size(); ++run) {
    const std::size_t start = calibration.run_starts[run];
    const std::size_t stop =
        run + 1 < calibration.run_starts.size() ? calibration.run_starts[run + 1] : calibration.rows.rows;
    for (std::size_t end = start + span; end <= stop; ++end) ends.push_back(end);
  }
  if (ends.size() <= most) return ends;
  std::vector<std::size_t> thinned(most);
  for (std::size_t i = 0; i < most; ++i) thinned[i] = ends[(i + 1) * ends.size() / most - 1];
  return thinned;
}

/// Half from how far the newest rows are from their usual values, half from what the autoencoder could not restore.
std::vector<double> channel_shares(const Matrix& recent, std::span<const double> residual) {
  const std::size_t channels = recent.columns;
  std::vector<double> deviation(channels, 0.0);
  const std::size_t count = std::min(recent.rows, kRecentRows);
  for (std::size_t i = recent.rows - count; i < recent.rows; ++i) {
    for (std::size_t channel = 0; channel < channels; ++channel) {
      deviation[channel] += recent(i, channel) * recent(i, channel);
    }
  }
  std::vector<double> unrestored(channels, 0.0);
  for (std::size_t i = 0; i < residual.size(); ++i) unrestored[i % channels] += residual[i] * residual[i];

  std::vector<double> shares(channels, 0.0);
  const auto add = [&](const std::vector<double>& part) {
    const double total = std::accumulate(part.begin(), part.end(), 0.0);
    for (std::size_t channel = 0; channel < channels; ++channel) {
      shares[channel] += 0.5 * (total > 0.0 ? part[channel] / total : 1.0 / static_cast<double>(channels));
    }
  };
  add(deviation);
  add(unrestored);
  return shares;
}

}  // namespace

VietorisRipsOptions StreamModel::rips_options() const {
  return {.max_dimension = options_.max_dimension, .max_cells = kMostCells};
}

PointCloud StreamModel::cloud(const Matrix& window) const {
  Matrix rounded(window.rows, window.columns);
  for (std::size_t i = 0; i < window.rows; ++i) {
    for (std::size_t channel = 0; channel < window.columns; ++channel) {
      rounded(i, channel) = std::clamp(std::round(window(i, channel) / view_.grid[channel]), -kFarthest, kFarthest);
    }
  }
  return window_cloud(rounded, view_.lag, options_.embedding_dimension);
}

WindowShape StreamModel::described(PersistenceDiagram diagram) const {
  WindowShape shape{.diagram = std::move(diagram),
                    .features = std::vector<double>(topology_feature_count(options_.max_dimension))};
  topology_features(shape.diagram, options_.max_dimension, shape.features);
  // As they are remembered: a constant stream must not differ from its own past by a rounding.
  for (double& feature : shape.features) feature = static_cast<double>(static_cast<float>(feature));
  return shape;
}

WindowShape StreamModel::shape(const Matrix& window, VietorisRips& engine) const {
  // Cannot fail: the options are valid, the distances of finite rows are finite, and a budget cuts what is too rich.
  return described(*engine.compute(normalised_distances(cloud(window)), rips_options()));
}

StreamModel StreamModel::fit(CalibrationRows calibration, const StreamModelOptions& options, VietorisRips& engine) {
  return fitting(std::move(calibration), options, engine).finish();
}

Stepwise<StreamModel> StreamModel::fitting(CalibrationRows calibration, StreamModelOptions options,
                                           VietorisRips& engine) {
  assert(calibration.rows.rows >= 1 && !calibration.run_starts.empty());
  const Matrix& rows = calibration.rows;
  StreamModel model;
  model.options_ = options;
  model.scaler_ = RobustScaler::fit(rows);
  // A grid that is a power of two stays the same while the scale changes little, and with it what is known of shapes.
  for (const double scale : model.scaler_.scale()) {
    model.view_.grid.push_back(
        std::max(std::exp2(std::floor(std::log2(scale / kShapeResolution))), std::numeric_limits<double>::min()));
  }
  model.view_.lag = options.embedding_lag > 0 ? options.embedding_lag : choose_lag(rows);
  const double windows = static_cast<double>(rows.rows) / static_cast<double>(options.window);
  model.confidence_ = windows / (windows + kHalfConfidenceWindows);
  model.trust_ = windows / (windows + kHalfTrustWindows);

  std::size_t span = options.window;
  std::vector<std::size_t> ends = window_ends(calibration, span, kMaxCalibrationWindows);
  const bool with_topology = ends.size() >= kLeastWindowsForTopology;
  if (!with_topology) {
    // While there are few full windows, shorter ones let a verdict begin early.
    span = std::min(options.window, std::max(kRecentRows, options.window * 2 / 5));
    ends = window_ends(calibration, span, kMaxCalibrationWindows);
  }
  if (ends.empty()) co_return model;
  model.span_ = span;
  model.blocks_ = pooling_blocks(span, rows.columns);
  const std::size_t step = std::max<std::size_t>(1, (ends.back() - ends.front()) / ends.size());
  DetectorSamples samples = co_await model.samples(calibration, ends, with_topology, engine);
  co_await next_step();
  model.ensemble_ = co_await Ensemble::fitting(std::move(samples), {.overlap = span / step, .seed = options.seed});
  co_return model;
}

Stepwise<DetectorSamples> StreamModel::samples(const CalibrationRows& calibration, std::span<const std::size_t> ends,
                                               bool with_topology, VietorisRips& engine) const {
  const std::size_t channels = calibration.rows.columns;
  DetectorSamples result;
  Matrix& shapes = result[static_cast<std::size_t>(Detector::topology)];
  Matrix& recent = result[static_cast<std::size_t>(Detector::isolation_forest)];
  Matrix& pooled = result[static_cast<std::size_t>(Detector::autoencoder)];
  Matrix& shifts = result[static_cast<std::size_t>(Detector::robust_statistics)];
  if (with_topology) shapes = Matrix(ends.size(), topology_feature_count(options_.max_dimension));
  recent = Matrix(ends.size(), channels * kRecentFeaturesPerChannel);
  pooled = Matrix(ends.size(), channels * blocks_.size());
  shifts = Matrix(ends.size(), channels);
  for (std::size_t i = 0; i < ends.size(); ++i) {
    if (i > 0) co_await next_step();
    const Matrix window = slice(calibration.rows, ends[i] - span_, span_);
    const Matrix scaled = scaler_.scaled(window);
    recent_features(scaled, recent.row(i));
    pooled_features(scaled, blocks_, pooled.row(i));
    recent_shifts(scaled, shifts.row(i));
    if (!with_topology || known_features(calibration, ends[i] - 1, shapes.row(i))) continue;
    const std::vector<double> features = shape(window, engine).features;
    std::copy(features.begin(), features.end(), shapes.row(i).begin());
  }
  co_return result;
}

/// Whether they are; written to `out`.
bool StreamModel::known_features(const CalibrationRows& calibration, std::size_t row, std::span<double> out) const {
  if (calibration.features.empty() || calibration.view != view_) return false;
  const auto known = std::span(calibration.features).subspan(row * out.size(), out.size());
  if (std::isnan(known.front())) return false;
  std::copy(known.begin(), known.end(), out.begin());
  return true;
}

WindowScore StreamModel::score(const Matrix& window, const WindowShape& window_shape) const {
  WindowScore result;
  if (span_ == 0) {
    result.channel_shares.assign(window.columns, 1.0 / static_cast<double>(window.columns));
    return result;
  }
  const Matrix scaled = scaler_.scaled(slice(window, window.rows - span_, span_));
  std::vector<double> recent(window.columns * kRecentFeaturesPerChannel);
  std::vector<double> pooled(window.columns * blocks_.size());
  recent_features(scaled, recent);
  pooled_features(scaled, blocks_, pooled);
  std::vector<double> shifts(window.columns);
  recent_shifts(scaled, shifts);
  EnsembleScore score = ensemble_.score({window_shape.features, recent, pooled, shifts});
  result.p_value = std::pow(score.p_value, trust_);
  result.detectors = std::move(score.detectors);
  result.channel_shares = channel_shares(scaled, score.residual);
  return result;
}

}  // namespace topoforge
