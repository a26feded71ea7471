#include "topoforge/core/score/shape_view.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "topoforge/core/cloud/delay_embedding.hpp"

namespace topoforge {
namespace {

constexpr std::size_t kMaxLag = 15;
constexpr double kShapeResolution = 64.0;  // at least, per scale of a channel
/// In steps of the grid: beyond it doubles are too sparse to be rounded, and their squares would soon overflow.
constexpr double kFarthest = 0x1.0p53;
/// For the diagram of a window: some tenths of a second, and 128 MB. Windows of a few hundred events need a hundredth.
constexpr std::size_t kMostCells = std::size_t{1} << 24;
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

}  // namespace

ShapeView::ShapeView(const Matrix& rows, const RobustScaler& scaler, const ShapeViewOptions& options)
    : lag_(options.embedding_lag > 0 ? options.embedding_lag : choose_lag(rows)),
      max_dimension_(options.max_dimension),
      embedding_dimension_(options.embedding_dimension) {
  // A grid that is a power of two stays the same while the scale changes little, and with it what is known of shapes.
  for (const double scale : scaler.scale()) {
    grid_.push_back(
        std::max(std::exp2(std::floor(std::log2(scale / kShapeResolution))), std::numeric_limits<double>::min()));
  }
}

PointCloud ShapeView::cloud(const Matrix& window) const {
  Matrix rounded(window.rows, window.columns);
  for (std::size_t i = 0; i < window.rows; ++i) {
    for (std::size_t channel = 0; channel < window.columns; ++channel) {
      rounded(i, channel) = std::clamp(std::round(window(i, channel) / grid_[channel]), -kFarthest, kFarthest);
    }
  }
  return window_cloud(rounded, lag_, embedding_dimension_);
}

VietorisRipsOptions ShapeView::rips_options() const {
  return {.max_dimension = max_dimension_, .max_cells = kMostCells};
}

PersistenceDiagram ShapeView::diagram(const Matrix& window, VietorisRips& engine) const {
  // Cannot fail: the options are valid, the distances of finite rows are finite, and a budget cuts what is too rich.
  return *engine.compute(normalised_distances(cloud(window)), rips_options());
}

}  // namespace topoforge
