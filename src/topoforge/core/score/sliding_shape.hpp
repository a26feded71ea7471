#pragma once

#include <cstddef>
#include <optional>

#include "topoforge/base/matrix.hpp"
#include "topoforge/core/diagram/sliding_vietoris_rips.hpp"
#include "topoforge/core/diagram/vietoris_rips.hpp"
#include "topoforge/core/score/shape_view.hpp"

/// Purpose: the diagrams of the windows of one stream as its events come, each equal to ShapeView::diagram of the
/// window. Method: the cloud of a single channel slides: each event adds a point and the oldest leaves. Several
/// channels are ranked within the window, which moves all points, so that each window is computed from scratch. Thread
/// safety: one owner at a time. Memory: that of SlidingVietorisRips for the points of one window.
namespace topoforge {

class SlidingShape {
 public:
  /// Of the newest rows of the stream, of which the last `entered`, at least 1, are new since the last call.
  PersistenceDiagram diagram(const ShapeView& view, const Matrix& window, std::size_t entered, VietorisRips& engine);
  /// To be called before the first window that is seen by another view.
  void begin_anew() { known_points_ = 0; }

 private:
  std::optional<SlidingVietorisRips> rips_;
  std::size_t known_points_ = 0;  ///< of the last window
};

}  // namespace topoforge
