#include "topoforge/core/score/sliding_shape.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "topoforge/core/cloud/window_cloud.hpp"

namespace topoforge {
namespace {

/// As if all distances had been divided by it.
PersistenceDiagram divided(PersistenceDiagram diagram, double scale) {
  for (std::vector<PersistencePair>& pairs : diagram.pairs) {
    for (PersistencePair& pair : pairs) pair = {pair.birth / scale, pair.death / scale};
    std::erase_if(pairs, [](const PersistencePair& pair) { return pair.birth == pair.death; });
  }
  if (diagram.approximation) {
    diagram.approximation->exact_below /= scale;
    diagram.approximation->bottleneck_bound /= scale;
  }
  return diagram;
}

}  // namespace

PersistenceDiagram SlidingShape::diagram(const ShapeView& view, const Matrix& window, std::size_t entered,
                                         VietorisRips& engine) {
  if (window.columns > 1) return view.diagram(window, engine);
  const PointCloud cloud = view.cloud(window);
  // What follows cannot fail: the options are valid, events are finite, and a budget cuts what is too rich.
  if (cloud.size() != known_points_) {
    rips_ = *SlidingVietorisRips::make({.window = cloud.size(), .rips = view.rips_options()});
    known_points_ = cloud.size();
    entered = cloud.size();
  }
  for (std::size_t i = cloud.size() - std::min(entered, cloud.size()); i < cloud.size(); ++i) {
    static_cast<void>(rips_->push(cloud.point(i)));
  }
  const double scale = median_distance(rips_->distances());
  const PersistenceDiagram& diagram = **rips_->diagram();
  return scale > 0.0 ? divided(diagram, scale) : diagram;
}

}  // namespace topoforge
