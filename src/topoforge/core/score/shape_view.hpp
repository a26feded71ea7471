#pragma once

#include <cstddef>
#include <vector>

#include "topoforge/base/matrix.hpp"
#include "topoforge/core/cloud/point_cloud.hpp"
#include "topoforge/core/cloud/window_cloud.hpp"
#include "topoforge/core/diagram/persistence_diagram.hpp"
#include "topoforge/core/diagram/vietoris_rips.hpp"
#include "topoforge/core/score/robust_scaler.hpp"

/// Purpose: how the shape of a stream's windows is seen: what their diagrams depend on besides their rows.
/// Thread safety: a value.
namespace topoforge {

struct ShapeViewOptions {
  std::size_t max_dimension = 2;  ///< of homology
  /// Of a single channel.
  std::size_t embedding_dimension = kDefaultEmbeddingDimension;
  std::size_t embedding_lag = 0;  ///< in rows; 0: where the rows lose their correlation
};

class ShapeView {
 public:
  ShapeView() = default;
  /// rows: of the stream, scaled by `scaler`; one or more. Differences far below a channel's usual spread are no
  /// shape: values are rounded to a grid of 1/64 to 1/128 of its scale.
  ShapeView(const Matrix& rows, const RobustScaler& scaler, const ShapeViewOptions& options);

  /// window: rows of the stream, oldest first.
  [[nodiscard]] PointCloud cloud(const Matrix& window) const;
  /// A diagram that is too rich for a stream is cut short, see PersistenceDiagram::approximation.
  [[nodiscard]] VietorisRipsOptions rips_options() const;
  /// Of the normalised distances of the cloud.
  [[nodiscard]] PersistenceDiagram diagram(const Matrix& window, VietorisRips& engine) const;
  /// In rows; of the embedding of a single channel.
  [[nodiscard]] std::size_t lag() const { return lag_; }

  bool operator==(const ShapeView&) const = default;

 private:
  std::vector<double> grid_;  ///< by channel: values are rounded to multiples of it, a power of two
  std::size_t lag_ = 1;
  std::size_t max_dimension_ = 2;
  std::size_t embedding_dimension_ = kDefaultEmbeddingDimension;
};

}  // namespace topoforge
