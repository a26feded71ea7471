#include "topoforge/api/topology_models.hpp"

#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "topoforge/core/features/betti.hpp"
#include "topoforge/core/features/landscape.hpp"
#include "topoforge/core/features/persistence_statistics.hpp"

namespace topoforge::api {
namespace {

std::optional<double> finite(double value) { return std::isinf(value) ? std::nullopt : std::optional(value); }

Detail wrong_row(const char* member, std::size_t row, std::size_t length, std::size_t wanted) {
  return {.loc = {member, row},
          .message = fmt::format("wanted {} numbers in each row, got {}", wanted, length),
          .type = "value_error"};
}

DiagramFeatures features_of(const PersistenceDiagram& diagram) {
  DiagramFeatures features;
  for (std::size_t degree = 0; degree < diagram.dimensions(); ++degree) {
    const PersistenceStatistics statistics = persistence_statistics(diagram.pairs[degree]);
    features.entropy += statistics.entropy;
    features.total_lifetime += statistics.total;
    features.by_dimension.push_back({.dimension = degree,
                                     .finite_count = statistics.finite_count,
                                     .essential_count = statistics.essential_count,
                                     .total = statistics.total,
                                     .maximum = statistics.maximum,
                                     .mean = statistics.mean,
                                     .standard_deviation = statistics.standard_deviation,
                                     .entropy = statistics.entropy,
                                     .normalised_entropy = statistics.normalised_entropy});
  }
  if (diagram.dimensions() > 1) {
    Landscape landscape = *persistence_landscape(diagram.pairs[1]);
    features.landscape = {.x = std::move(landscape.grid), .y = std::move(landscape.layers.values)};
  }
  return features;
}

}  // namespace

std::optional<Detail> PersistenceRequest::inconsistency() const {
  if (points.has_value() == distances.has_value()) {
    return Detail{.loc = {},
                  .message = fmt::format("wanted either points or distances, got {}", points ? "both" : "neither"),
                  .type = "value_error"};
  }
  const std::size_t wanted = points ? points->front().size() : distances->size();
  if (points && (wanted == 0 || wanted > kMaxPersistenceCoordinates)) {
    return Detail{.loc = {"points", 0},
                  .message = fmt::format("wanted 1 to {} coordinates, got {}", kMaxPersistenceCoordinates, wanted),
                  .type = "value_error"};
  }
  const auto& rows = points ? *points : *distances;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    if (rows[row].size() != wanted) return wrong_row(points ? "points" : "distances", row, rows[row].size(), wanted);
  }
  return std::nullopt;
}

PersistenceResult persistence_result(const RepresentedDiagram& represented, std::size_t points) {
  const PersistenceDiagram& diagram = represented.diagram;
  PersistenceResult result;
  result.points = points;
  result.max_dimension = diagram.dimensions() - 1;
  result.betti_numbers = adaptive_betti_numbers(diagram);
  result.features = features_of(diagram);
  result.approximate = diagram.approximation.has_value();
  for (std::size_t degree = 0; degree < diagram.dimensions(); ++degree) {
    for (const PersistencePair& pair : diagram.pairs[degree])
      result.diagram.push_back({.dimension = degree, .birth = pair.birth, .death = finite(pair.death)});
  }
  if (diagram.approximation) result.approximation = view_of(*diagram.approximation);
  for (const LoopRepresentative& loop : represented.loops) {
    const PersistencePair& pair = diagram.pairs[1][loop.pair];
    result.loops.push_back({.birth = pair.birth,
                            .death = finite(pair.death),
                            .cycle = {loop.cycle.begin(), loop.cycle.end()},
                            .exact = loop.exact});
  }
  return result;
}

}  // namespace topoforge::api
