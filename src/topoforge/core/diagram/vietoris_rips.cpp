#include "topoforge/core/diagram/vietoris_rips.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "topoforge/core/diagram/cohomology_engine.hpp"
#include "topoforge/core/diagram/link_engines.hpp"
#include "topoforge/core/diagram/represent_diagram.hpp"
#include "topoforge/core/diagram/rips_options.hpp"

namespace topoforge {
namespace {

Result<void> check_points(std::size_t points) {
  if (points <= kMaxDiagramPoints) return {};
  return fail(ErrorCode::limit_exceeded,
              fmt::format("a diagram is of at most {} points, got {}", kMaxDiagramPoints, points));
}

Result<void> check_cloud(const PointCloud& cloud) {
  if (cloud.coordinates.size() != cloud.size() * cloud.dimension) {
    return fail(ErrorCode::invalid_argument, fmt::format("{} coordinates are no whole number of points in dimension {}",
                                                         cloud.coordinates.size(), cloud.dimension));
  }
  const auto bad = std::ranges::find_if_not(cloud.coordinates, [](double value) { return std::isfinite(value); });
  if (bad == cloud.coordinates.end()) return {};
  const auto position = static_cast<std::size_t>(bad - cloud.coordinates.begin());
  return fail(ErrorCode::invalid_argument, fmt::format("coordinate {} of point {} is {}; a coordinate is finite",
                                                       position % cloud.dimension, position / cloud.dimension, *bad));
}

/// Cocycles stay with their pairs.
DiagramWithCocycles in_order(PersistenceDiagram diagram, std::vector<std::vector<Cocycle>> cocycles) {
  std::ranges::sort(diagram.pairs[0]);
  for (std::size_t degree = 1; degree < diagram.dimensions(); ++degree) {
    std::vector<std::pair<PersistencePair, Cocycle>> classes;
    for (std::size_t i = 0; i < cocycles[degree].size(); ++i)
      classes.emplace_back(diagram.pairs[degree][i], std::move(cocycles[degree][i]));
    std::ranges::sort(classes);
    for (std::size_t i = 0; i < classes.size(); ++i)
      std::tie(diagram.pairs[degree][i], cocycles[degree][i]) = std::move(classes[i]);
  }
  return {.diagram = std::move(diagram), .cocycles = std::move(cocycles)};
}

}  // namespace

struct VietorisRips::Work {
  LinkEngines links;
  CohomologyEngine cohomology;
};

VietorisRips::VietorisRips() : work_(std::make_unique<Work>()) {}
VietorisRips::~VietorisRips() = default;
VietorisRips::VietorisRips(VietorisRips&&) noexcept = default;
VietorisRips& VietorisRips::operator=(VietorisRips&&) noexcept = default;

Result<PersistenceDiagram> VietorisRips::compute(const DistanceMatrix& distances, const VietorisRipsOptions& options) {
  if (const auto checked = check_rips_options(options); !checked) return tl::unexpected(checked.error());
  if (const auto checked = check_points(distances.size()); !checked) return tl::unexpected(checked.error());

  PersistenceDiagram diagram;
  diagram.pairs.resize(options.max_dimension + 1);
  const bool complete = options.max_dimension <= LinkEngine::kMaxDimension && distances.size() <= LinkEngine::kMaxPoints
                            ? work_->links.compute(distances.lower(), distances.size(),
                                                   {options.max_edge_length, options.max_dimension,
                                                    options.max_stored_simplices, options.max_cells},
                                                   diagram)
                            : work_->cohomology.compute(distances, options, diagram.pairs);
  if (!complete) return tl::unexpected(too_rich(distances.size(), options));
  for (std::vector<PersistencePair>& pairs : diagram.pairs) std::ranges::sort(pairs);
  return diagram;
}

Result<RepresentedDiagram> VietorisRips::represent(const DistanceMatrix& distances, const VietorisRipsOptions& options,
                                                   std::size_t most_loops) {
  if (const auto checked = check_rips_options(options); !checked) return tl::unexpected(checked.error());
  if (options.max_dimension > LinkEngine::kMaxDimension) {
    return fail(ErrorCode::invalid_argument, fmt::format("representatives are of degrees up to {}, got {}",
                                                         LinkEngine::kMaxDimension, options.max_dimension));
  }
  if (distances.size() > LinkEngine::kMaxPoints) {
    return fail(ErrorCode::limit_exceeded, fmt::format("representatives are of diagrams of at most {} points, got {}",
                                                       LinkEngine::kMaxPoints, distances.size()));
  }
  const std::size_t n = distances.size();
  std::vector<EdgeEnds> edges;
  LinkTrace trace;
  if (n >= 2) {
    // Edges and triangles are traced from degree 1 on.
    const std::size_t degree = std::max<std::size_t>(options.max_dimension, 1);
    LinkEngine::Pairs pairs(degree + 1);
    if (!work_->links.compute(distances.lower(), n, {options.max_edge_length, degree, options.max_stored_simplices},
                              pairs, edges, trace))
      return tl::unexpected(too_rich(n, options));
  }
  return represent_diagram({distances.lower().data()}, n, edges, trace, options.max_dimension, most_loops);
}

Result<DiagramWithCocycles> VietorisRips::cocycles(const DistanceMatrix& distances,
                                                   const VietorisRipsOptions& options) {
  if (const auto checked = check_rips_options(options); !checked) return tl::unexpected(checked.error());
  if (const auto checked = check_points(distances.size()); !checked) return tl::unexpected(checked.error());
  PersistenceDiagram diagram;
  diagram.pairs.resize(options.max_dimension + 1);
  std::vector<std::vector<Cocycle>> cocycles(options.max_dimension + 1);
  if (!work_->cohomology.compute(distances, options, diagram.pairs, &cocycles))
    return tl::unexpected(too_rich(distances.size(), options));
  return in_order(std::move(diagram), std::move(cocycles));
}

Result<PersistenceDiagram> VietorisRips::compute(const PointCloud& cloud, const VietorisRipsOptions& options) {
  if (const auto checked = check_points(cloud.size()); !checked) return tl::unexpected(checked.error());
  if (const auto checked = check_cloud(cloud); !checked) return tl::unexpected(checked.error());
  return compute(pairwise_distances(cloud), options);
}

}  // namespace topoforge
