#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <limits>
#include <vector>

#include "topoforge/core/cloud/normalised_clouds.hpp"
#include "topoforge/core/cloud/window_cloud.hpp"
#include "topoforge/core/features/cloud_geometry.hpp"
#include "topoforge/core/features/second_order.hpp"
#include "topoforge/core/features/topology_features.hpp"
#include "topoforge/core/features/trail_features.hpp"
#include "topoforge/core/features/window_features.hpp"
#include "topoforge/core/score/detector.hpp"
#include "topoforge/core/score/novelty_models.hpp"
#include "topoforge/core/score/vector_kernels.hpp"

namespace topoforge {
namespace {

using Settings = DetectorSettings;

template <std::size_t kRows>
std::size_t rows(const Settings& /*settings*/) {
  return kRows;
}

template <std::size_t kPerChannel>
std::size_t per_channel(const Settings& settings) {
  return kPerChannel * settings.channels;
}

std::size_t one(const Settings& /*settings*/) { return 1; }

Matrix matrix_of(const Trail& trail) {
  return {trail.rows(), trail.channels, std::vector<double>(trail.values.begin(), trail.values.end())};
}

// --- values

void newest_row(const Trail& trail, const Settings& /*settings*/, Workspace& /*workspace*/, std::span<float> out) {
  const auto newest = trail.row(0);
  for (std::size_t c = 0; c < out.size(); ++c) out[c] = std::asinh(newest[c]);
}

template <std::size_t kBlock>
void blocks(const Trail& trail, const Settings& /*settings*/, Workspace& /*workspace*/, std::span<float> out) {
  block_means(trail, kBlock, out);
}

template <std::size_t kWindow>
void statistics(const Trail& trail, const Settings& /*settings*/, Workspace& /*workspace*/, std::span<float> out) {
  window_statistics(trail, kWindow, out);
}

template <std::size_t kWindow>
void spectrum(const Trail& trail, const Settings& /*settings*/, Workspace& /*workspace*/, std::span<float> out) {
  static const LogSpectrum log_spectrum(kWindow);
  log_spectrum.compute(trail, out);
}

void recent(const Trail& trail, const Settings& /*settings*/, Workspace& /*workspace*/, std::span<float> out) {
  std::vector<double> features(out.size());
  recent_features(matrix_of(trail), features);
  std::copy(features.begin(), features.end(), out.begin());
}

constexpr std::size_t kPooledRows = 20;
std::size_t pooled_size(const Settings& settings) {
  return pooling_count(kPooledRows, settings.channels) * settings.channels;
}
void pooled(const Trail& trail, const Settings& settings, Workspace& workspace, std::span<float> out) {
  if (workspace.pooled_channels != settings.channels) {
    workspace.pooling = pooling_blocks(kPooledRows, settings.channels);
    workspace.pooled_channels = settings.channels;
  }
  std::vector<double> features(out.size());
  pooled_features(matrix_of(trail), workspace.pooling, features);
  std::copy(features.begin(), features.end(), out.begin());
}

std::size_t autoregression_rows(const Settings& settings) {
  return std::clamp<std::size_t>(settings.rows / 20, 3, 20) + 1;
}

// --- one channel

constexpr std::size_t kMostContrastRows = 600;
std::size_t contrast_rows(const Settings& settings) {
  return std::clamp<std::size_t>(settings.rows / 3, 20, kMostContrastRows);
}

/// What exponential averages give to rows, the oldest first; so the newest n weights are those of n rows.
struct ContrastWeights {
  static constexpr float kFast = 1.0F - 2.0F / 21.0F;
  static constexpr float kSlow = 1.0F - 2.0F / 201.0F;
  std::array<float, 2 * kMostContrastRows> weights{};  ///< fast, then slow
  std::array<float, kMostContrastRows> fast_totals{};  ///< of 1, 2, ... rows
  std::array<float, kMostContrastRows> slow_totals{};

  ContrastWeights() {
    float fast = 1.0F;
    float slow = 1.0F;
    for (std::size_t age = 0; age < kMostContrastRows; ++age) {
      weights[kMostContrastRows - 1 - age] = fast;
      weights[2 * kMostContrastRows - 1 - age] = slow;
      fast_totals[age] = fast + (age > 0 ? fast_totals[age - 1] : 0.0F);
      slow_totals[age] = slow + (age > 0 ? slow_totals[age - 1] : 0.0F);
      fast *= kFast;
      slow *= kSlow;
    }
  }
};

/// Fast exponential average minus slow.
void level_contrast(const Trail& trail, const Settings& /*settings*/, Workspace& /*workspace*/, std::span<float> out) {
  static const ContrastWeights contrast;
  std::array<float, 2> sums;
  inner_products(trail.values, contrast.weights.data() + kMostContrastRows - trail.rows(), kMostContrastRows, sums);
  const std::size_t last = trail.rows() - 1;
  out[0] = std::abs(sums[0] / contrast.fast_totals[last] - sums[1] / contrast.slow_totals[last]);
}

constexpr std::size_t kTreeWindow = 50;
constexpr std::size_t kTreeDimension = 6;
constexpr std::size_t kTreeLag = 2;
constexpr std::size_t kTreeRows = kTreeWindow + (kTreeDimension - 1) * kTreeLag;

/// Length of the minimum spanning tree of a delay embedding: the total persistence of its components.
void spanning_tree(const Trail& trail, const Settings& /*settings*/, Workspace& /*workspace*/, std::span<float> out) {
  constexpr float kClip = 10.0F;
  constexpr std::size_t kStep = 2;
  constexpr std::size_t kPoints = kTreeWindow / kStep;
  std::array<float, kTreeDimension * kTreePoints> points{};
  for (std::size_t k = 0; k < kTreeDimension; ++k) {
    for (std::size_t i = 0; i < kPoints; ++i)
      points[k * kTreePoints + i] = std::clamp(trail.row(i * kStep + k * kTreeLag)[0], -kClip, kClip);
  }
  out[0] = spanning_tree_length(points.data(), kTreeDimension, kPoints);
}

// --- shape

constexpr std::size_t kShapeRows = 100;
constexpr std::size_t kShapeEvery = 10;
/// A hundred points say little of the form of a cloud in more dimensions than twice this, with a delay.
constexpr std::size_t kMostShapeChannels = 6;

std::size_t shape_rows(const Settings& settings) { return kShapeRows + settings.lag; }
std::size_t second_order_rows(const Settings& settings) { return kShapeRows + 2 * settings.lag; }
std::size_t second_order_size(const Settings& settings) { return second_order_features(settings.channels); }

void covariances(const Trail& trail, const Settings& settings, Workspace& /*workspace*/, std::span<float> out) {
  second_order(trail, kShapeRows, settings.lag, out);
}

enum class Form { ranks, whitened };

template <Form kForm, bool kDelayed>
DistanceMatrix cloud_distances(const Trail& trail, const Settings& settings) {
  const Matrix points = delayed_rows(trail, kShapeRows, kDelayed ? settings.lag : 0);
  return normalised(pairwise_distances(kForm == Form::ranks ? rank_cloud(points) : whitened_cloud(points)));
}

std::size_t geometry_size(const Settings& /*settings*/) { return kCloudGeometryFeatures; }
template <Form kForm, bool kDelayed>
void geometry(const Trail& trail, const Settings& settings, Workspace& /*workspace*/, std::span<float> out) {
  cloud_geometry(cloud_distances<kForm, kDelayed>(trail, settings), out);
}

std::size_t topology_size(const Settings& /*settings*/) { return topology_feature_count(1); }

void features_of(const DistanceMatrix& distances, Workspace& workspace, std::span<float> out) {
  // Tenths of a second; a window of a hundred rows needs a thousandth.
  constexpr std::size_t kMostCells = std::size_t{1} << 22;
  std::vector<double> features(out.size());
  // Cannot fail: the distances are finite, and a budget cuts what is too rich.
  topology_features(*workspace.engine.compute(distances, {.max_dimension = 1, .max_cells = kMostCells}), 1, features);
  std::copy(features.begin(), features.end(), out.begin());
}

template <Form kForm, bool kDelayed>
void topology(const Trail& trail, const Settings& settings, Workspace& workspace, std::span<float> out) {
  constexpr double kMeasureShare = 0.08;
  DistanceMatrix distances = cloud_distances<kForm, kDelayed>(trail, settings);
  // A delay spreads the points so far that thin regions are the rule.
  if constexpr (!kDelayed) distances = normalised(weighted_distances(distances, kMeasureShare));
  features_of(distances, workspace, out);
}

constexpr std::size_t kEmbeddedRows = 50;
void embedded_topology(const Trail& trail, const Settings& settings, Workspace& workspace, std::span<float> out) {
  features_of(normalised_distances(window_cloud(matrix_of(trail), settings.lag)), workspace, out);
}

constexpr DetectorKind shape_kind(std::string_view name, decltype(DetectorKind::size) size,
                                  decltype(DetectorKind::look) look) {
  return {.name = name,
          .group = DetectorGroup::shape,
          .least_channels = 2,
          .most_channels = kMostShapeChannels,
          .every = kShapeEvery,
          .span = shape_rows,
          .size = size,
          .look = look,
          .fit = fit_mahalanobis};
}

constexpr std::array kKinds = {
    shape_kind("topology_ranks", topology_size, topology<Form::ranks, false>),
    shape_kind("topology_ranks_delayed", topology_size, topology<Form::ranks, true>),
    shape_kind("topology_whitened", topology_size, topology<Form::whitened, false>),
    shape_kind("topology_whitened_delayed", topology_size, topology<Form::whitened, true>),
    shape_kind("geometry_ranks", geometry_size, geometry<Form::ranks, false>),
    shape_kind("geometry_ranks_delayed", geometry_size, geometry<Form::ranks, true>),
    shape_kind("geometry_whitened", geometry_size, geometry<Form::whitened, false>),
    shape_kind("geometry_whitened_delayed", geometry_size, geometry<Form::whitened, true>),
    DetectorKind{.name = "second_order",
                 .group = DetectorGroup::second_order,
                 .least_channels = 2,
                 .most_channels = kMostShapeChannels,
                 .every = kShapeEvery,
                 .span = second_order_rows,
                 .size = second_order_size,
                 .look = covariances,
                 .fit = fit_mahalanobis},
    DetectorKind{.name = "topology",
                 .most_channels = 1,
                 .every = kShapeEvery,
                 .span = rows<kEmbeddedRows>,
                 .size = topology_size,
                 .look = embedded_topology,
                 .fit = fit_mahalanobis},
    DetectorKind{.name = "spanning_tree",
                 .most_channels = 1,
                 .smoothing = 5,
                 .span = rows<kTreeRows>,
                 .size = one,
                 .look = spanning_tree,
                 .fit = fit_nothing},
    DetectorKind{.name = "isolation_forest",
                 .span = rows<kRecentRows>,
                 .size = per_channel<kRecentFeaturesPerChannel>,
                 .look = recent,
                 .fit = fit_isolation_forest},
    DetectorKind{
        .name = "autoencoder", .span = rows<kPooledRows>, .size = pooled_size, .look = pooled, .fit = fit_autoencoder},
    DetectorKind{.name = "event_neighbours",
                 .least_channels = 2,
                 .smoothing = 5,
                 .span = rows<1>,
                 .size = per_channel<1>,
                 .look = newest_row,
                 .fit = fit_neighbours},
    DetectorKind{.name = "statistics",
                 .least_channels = 2,
                 .span = rows<11>,
                 .size = per_channel<kStatisticsPerChannel>,
                 .look = statistics<10>,
                 .fit = fit_mahalanobis},
    DetectorKind{.name = "statistics_neighbours",
                 .span = rows<21>,
                 .size = per_channel<kStatisticsPerChannel>,
                 .look = statistics<20>,
                 .fit = fit_scaled_neighbours},
    DetectorKind{.name = "principal_components",
                 .least_channels = 2,
                 .span = rows<20>,
                 .size = per_channel<10>,
                 .look = blocks<2>,
                 .fit = fit_components},
    DetectorKind{.name = "spectrum",
                 .least_channels = 2,
                 .span = rows<50>,
                 .size = per_channel<LogSpectrum::kBands>,
                 .look = spectrum<50>,
                 .fit = fit_neighbours},
    DetectorKind{.name = "autoregression", .span = autoregression_rows, .fit = fit_autoregression},
    DetectorKind{.name = "cross_regression", .least_channels = 2, .span = rows<3>, .fit = fit_cross_regression},
    DetectorKind{.name = "stretches", .most_channels = 1, .span = rows<100>, .fit = fit_stretches},
    DetectorKind{.name = "centred_stretches", .most_channels = 1, .span = rows<100>, .fit = fit_centred_stretches},
    DetectorKind{.name = "level_contrast",
                 .most_channels = 1,
                 .smoothing = 20,
                 .span = contrast_rows,
                 .size = one,
                 .look = level_contrast,
                 .fit = fit_nothing},
};

}  // namespace

std::span<const DetectorKind> detector_kinds() { return kKinds; }

}  // namespace topoforge
