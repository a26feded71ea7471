#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "topoforge/codec/json/analysis_model.hpp"
#include "topoforge/codec/model/detail.hpp"
#include "topoforge/codec/model/model.hpp"
#include "topoforge/core/cloud/distance_matrix.hpp"
#include "topoforge/core/diagram/representatives.hpp"

/// Purpose: what POST /api/topology/persistence takes and gives. Thread safety: values.
namespace topoforge {

BOOST_DESCRIBE_ENUM(Metric, euclidean, manhattan, chebyshev, cosine)

namespace api {

inline constexpr std::size_t kMaxPersistencePoints = 500;
inline constexpr std::size_t kMaxPersistenceCoordinates = 256;
inline constexpr std::size_t kMaxPersistenceLoops = 20;

struct PersistenceRequest {
  std::optional<std::vector<std::vector<double>>> points;
  std::optional<std::vector<std::vector<double>>> distances;
  Metric metric = Metric::euclidean;
  std::uint64_t max_dimension = 2;
  std::optional<double> max_edge_length;
  std::uint64_t loops = 0;

  [[nodiscard]] std::optional<Detail> inconsistency() const;
  static constexpr auto model() {
    return topoforge::model(
        "PersistenceRequest", "A point cloud, or the distances of its points",
        field(&PersistenceRequest::points,
              {.about = "Rows of coordinates, all of one length; either these or distances",
               .least = -kMaxAbsoluteValue,
               .most = kMaxAbsoluteValue,
               .min_length = 1,
               .max_length = kMaxPersistencePoints}),
        field(&PersistenceRequest::distances, {.about = "A square matrix, symmetric, with zeros on its diagonal",
                                               .least = 0,
                                               .most = kMaxAbsoluteValue,
                                               .min_length = 1,
                                               .max_length = kMaxPersistencePoints}),
        field(&PersistenceRequest::metric, {.about = "Of points", .has_default = true}),
        field(&PersistenceRequest::max_dimension,
              {.about = "Highest degree of homology", .most = 2, .has_default = true}),
        field(&PersistenceRequest::max_edge_length,
              {.about = "Longer edges are left out; without it all are there", .least = 0, .most = kMaxAbsoluteValue}),
        field(&PersistenceRequest::loops, {.about = "For so many of the most persistent loops, the points on them",
                                           .most = kMaxPersistenceLoops,
                                           .has_default = true}));
  }
};
BOOST_DESCRIBE_STRUCT(PersistenceRequest, (), (points, distances, metric, max_dimension, max_edge_length, loops))

struct PersistenceInterval {
  std::uint64_t dimension = 0;
  double birth = 0.0;
  std::optional<double> death;
  static constexpr auto model() {
    return topoforge::model("PersistenceInterval", "A class of homology, by its degree",
                            field(&PersistenceInterval::death, {.about = "null: it never dies"}));
  }
};
BOOST_DESCRIBE_STRUCT(PersistenceInterval, (), (dimension, birth, death))

struct PersistenceSummary {
  std::uint64_t dimension = 0;
  std::uint64_t finite_count = 0;
  std::uint64_t essential_count = 0;
  double total = 0.0;
  double maximum = 0.0;
  double mean = 0.0;
  double standard_deviation = 0.0;
  double entropy = 0.0;
  double normalised_entropy = 0.0;
  static constexpr auto model() {
    return topoforge::model("PersistenceSummary", "Lifetimes of the finite classes of one degree; entropy in nats");
  }
};
BOOST_DESCRIBE_STRUCT(PersistenceSummary, (),
                      (dimension, finite_count, essential_count, total, maximum, mean, standard_deviation, entropy,
                       normalised_entropy))

struct DiagramFeatures {
  double entropy = 0.0;
  double total_lifetime = 0.0;
  LandscapeCurve landscape;
  std::vector<PersistenceSummary> by_dimension;
  static constexpr auto model() {
    return topoforge::model("DiagramFeatures", "What the diagram is summed up as",
                            field(&DiagramFeatures::entropy, {.about = "Of all degrees together, as in analyses"}));
  }
};
BOOST_DESCRIBE_STRUCT(DiagramFeatures, (), (entropy, total_lifetime, landscape, by_dimension))

struct LoopOnPoints {
  double birth = 0.0;
  std::optional<double> death;
  std::vector<std::uint64_t> cycle;
  bool exact = true;
  static constexpr auto model() {
    return topoforge::model(
        "LoopOnPoints", "A loop and the points on it",
        field(&LoopOnPoints::cycle, {.about = "Indices of points, along the cycle"}),
        field(&LoopOnPoints::exact,
              {.about = "It is a shortest cycle of its class, not only through its edge of birth"}));
  }
};
BOOST_DESCRIBE_STRUCT(LoopOnPoints, (), (birth, death, cycle, exact))

struct PersistenceResult {
  std::uint64_t points = 0;
  std::uint64_t max_dimension = 0;
  std::vector<PersistenceInterval> diagram;
  BettiNumbers betti_numbers;
  DiagramFeatures features;
  std::vector<LoopOnPoints> loops;
  bool approximate = false;
  std::optional<DiagramApproximation> approximation;
  double duration_ms = 0.0;
  static constexpr auto model() {
    return topoforge::model("PersistenceResult", "A persistence diagram of Vietoris-Rips complexes, and its features",
                            field(&PersistenceResult::betti_numbers, {.about = "Of what stands out, as in analyses"}),
                            field(&PersistenceResult::loops, {.about = "Longest life first"}));
  }
};
BOOST_DESCRIBE_STRUCT(PersistenceResult, (),
                      (points, max_dimension, diagram, betti_numbers, features, loops, approximate, approximation,
                       duration_ms))

/// Without duration_ms.
PersistenceResult persistence_result(const RepresentedDiagram& represented, std::size_t points);

}  // namespace api
}  // namespace topoforge
