#include "topoforge/api/topology_routes.hpp"

#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "topoforge/api/topology_models.hpp"
#include "topoforge/core/cloud/point_cloud.hpp"
#include "topoforge/core/diagram/vietoris_rips.hpp"

namespace topoforge::api {
namespace {

/// A second or so of work, and 64 MB: less than it takes to stop the server.
constexpr std::size_t kMaxCells = std::size_t{1} << 22;
constexpr std::size_t kMaxWords = std::size_t{1} << 23;
/// A diagram with loops cannot be cut short: of so many points it takes a second or so at most.
constexpr std::size_t kMaxPointsWithLoops = 200;
constexpr std::size_t kBodyBytes = 8U << 20U;

Matrix matrix_of(const std::vector<std::vector<double>>& rows) {
  Matrix matrix;
  matrix.rows = rows.size();
  matrix.columns = rows.front().size();
  for (const auto& row : rows) matrix.values.insert(matrix.values.end(), row.begin(), row.end());
  return matrix;
}

Result<DistanceMatrix> distances_of(const PersistenceRequest& request) {
  if (request.distances) return DistanceMatrix::from_square(matrix_of(*request.distances));
  Matrix points = matrix_of(*request.points);
  return pairwise_distances({.dimension = points.columns, .coordinates = std::move(points.values)}, request.metric);
}

Result<PersistenceResult> compute(const PersistenceRequest& request) {
  const auto began = std::chrono::steady_clock::now();
  const auto distances = distances_of(request);
  if (!distances) return tl::unexpected(distances.error());
  VietorisRipsOptions options{
      .max_dimension = request.max_dimension, .max_stored_simplices = kMaxWords, .max_cells = kMaxCells};
  if (request.max_edge_length) options.max_edge_length = *request.max_edge_length;
  VietorisRips engine;
  Result<RepresentedDiagram> represented;
  if (request.loops > 0) {
    represented = engine.represent(*distances, options, request.loops);
  } else {
    auto diagram = engine.compute(*distances, options);
    if (!diagram) return tl::unexpected(std::move(diagram.error()));
    represented = RepresentedDiagram{.diagram = std::move(*diagram), .simplices = {}, .loops = {}};
  }
  if (!represented) return tl::unexpected(std::move(represented.error()));
  PersistenceResult result = persistence_result(*represented, distances->size());
  result.duration_ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began).count();
  return result;
}

Problem wrong_input(const PersistenceRequest& request, const Error& error) {
  if (error.code != ErrorCode::invalid_argument && error.code != ErrorCode::invalid_data) return problem_of(error);
  return unprocessable(
      {{.loc = {"body", request.distances ? "distances" : "points"}, .message = error.message, .type = "value_error"}});
}

http::Task<Reply<PersistenceResult>> persistence(const Services& services, PersistenceRequest request) {
  const std::size_t points = request.points ? request.points->size() : request.distances->size();
  if (request.loops > 0 && points > kMaxPointsWithLoops) {
    co_return tl::unexpected(
        unprocessable({{.loc = {"body", "loops"},
                        .message = fmt::format("wanted at most {} points where loops are asked for, got {}",
                                               kMaxPointsWithLoops, points),
                        .type = "value_error"}}));
  }
  const auto place = services.compute_queue.enter();
  if (!place) co_return tl::unexpected(problem_of(place.error()));
  auto work = [&request] { return compute(request); };
  Result<PersistenceResult> result = co_await http::run_on(services.compute_pool, std::move(work));
  if (!result) co_return tl::unexpected(wrong_input(request, result.error()));
  co_return std::move(*result);
}

}  // namespace

void add_topology_routes(RouteTable& routes, Services& services) {
  routes.add(
      {.method = "POST",
       .path = "/api/topology/persistence",
       .tag = "topology",
       .summary = "The persistence diagram of points or distances",
       .description = "Exact, unless its budget is spent: then `approximate` is true and `approximation` says "
                      "how far it holds.",
       .access = Access::analyst,
       .errors = {503},
       .body_bytes = kBodyBytes},
      [&services](const Call&, Body<PersistenceRequest> body) { return persistence(services, std::move(body.value)); });
}

}  // namespace topoforge::api
