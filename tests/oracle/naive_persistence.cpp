#include "oracle/naive_persistence.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <map>
#include <vector>

namespace topoforge::oracle {
namespace {

using Vertices = std::vector<std::size_t>;
using Column = std::vector<std::size_t>;  // positions of simplices, ascending

struct NamedSimplex {
  Vertices vertices;
  double diameter;
};

/// Every non-empty set of at most max_vertices points whose pairwise distances are at most max_edge_length, in an order
/// in which a simplex comes after its faces.
std::vector<NamedSimplex> all_simplices(const DistanceMatrix& distances, std::size_t max_vertices,
                                        double max_edge_length) {
  std::vector<NamedSimplex> simplices;
  for (std::size_t set = 1; set < std::size_t{1} << distances.size(); ++set) {
    NamedSimplex simplex{{}, 0.0};
    for (std::size_t vertex = 0; vertex < distances.size(); ++vertex) {
      if (((set >> vertex) & 1) == 0) continue;
      for (const std::size_t other : simplex.vertices) {
        simplex.diameter = std::max(simplex.diameter, distances(vertex, other));
      }
      simplex.vertices.push_back(vertex);
    }
    if (simplex.vertices.size() > max_vertices) continue;
    if (simplex.vertices.size() > 1 && simplex.diameter > max_edge_length) continue;
    simplices.push_back(simplex);
  }
  std::ranges::stable_sort(simplices, [](const NamedSimplex& a, const NamedSimplex& b) {
    if (a.diameter != b.diameter) return a.diameter < b.diameter;
    return a.vertices.size() < b.vertices.size();
  });
  return simplices;
}

std::vector<Column> boundary_matrix(const std::vector<NamedSimplex>& simplices) {
  std::map<Vertices, std::size_t> positions;
  for (std::size_t at = 0; at < simplices.size(); ++at) positions[simplices[at].vertices] = at;
  std::vector<Column> boundary(simplices.size());
  for (std::size_t at = 0; at < simplices.size(); ++at) {
    const Vertices& vertices = simplices[at].vertices;
    for (std::size_t k = 0; vertices.size() > 1 && k < vertices.size(); ++k) {
      Vertices facet = vertices;
      facet.erase(facet.begin() + static_cast<std::ptrdiff_t>(k));
      boundary[at].push_back(positions.at(facet));
    }
    std::ranges::sort(boundary[at]);
  }
  return boundary;
}

Column sum(const Column& a, const Column& b) {
  Column result;
  std::ranges::set_symmetric_difference(a, b, std::back_inserter(result));
  return result;
}

}  // namespace

PersistenceDiagram naive_persistence(const DistanceMatrix& distances, std::size_t max_dimension,
                                     double max_edge_length) {
  const std::vector<NamedSimplex> simplices = all_simplices(distances, max_dimension + 2, max_edge_length);
  std::vector<Column> columns = boundary_matrix(simplices);
  std::map<std::size_t, std::size_t> column_of_low;
  std::vector<bool> is_paired(simplices.size(), false);

  PersistenceDiagram diagram;
  diagram.pairs.resize(max_dimension + 1);
  for (std::size_t at = 0; at < columns.size(); ++at) {
    while (!columns[at].empty() && column_of_low.contains(columns[at].back())) {
      columns[at] = sum(columns[at], columns[column_of_low[columns[at].back()]]);
    }
    if (columns[at].empty()) continue;
    const std::size_t low = columns[at].back();
    column_of_low[low] = at;
    is_paired[low] = is_paired[at] = true;
    const double birth = simplices[low].diameter;
    const double death = simplices[at].diameter;
    if (birth < death) diagram.pairs[simplices[low].vertices.size() - 1].push_back({birth, death});
  }
  for (std::size_t at = 0; at < simplices.size(); ++at) {
    const std::size_t dimension = simplices[at].vertices.size() - 1;
    // The top dimension only bounds; its cycles are not asked for.
    if (is_paired[at] || dimension > max_dimension) continue;
    diagram.pairs[dimension].push_back({simplices[at].diameter, std::numeric_limits<double>::infinity()});
  }
  for (auto& pairs : diagram.pairs) std::ranges::sort(pairs);
  return diagram;
}

}  // namespace topoforge::oracle
