#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "topoforge/core/diagram/rips_filtration.hpp"
#include "topoforge/core/diagram/simplex_key.hpp"

/// Purpose: the facets and cofacets of a simplex, and its apparent pairs. A facet and a cofacet of equal diameter are
/// an apparent pair if the facet is the last of the cofacet's facets in the filtration and the cofacet the first of the
/// facet's cofacets. Such a pair has zero persistence and is known without any reduction.
/// Source: Bauer, "Ripser" (2021), section 3.5. Vertices are compared as in simplex_key.hpp: the first cofacet of a
/// given diameter adds the least vertex, the last facet of a given diameter lacks the least vertex.
/// Complexity: O(n) to find a cofacet, O(1) for facets. Internal to core/diagram. Pure.
namespace topoforge {

template <std::size_t kVertices>
Simplex<kVertices + 1> with_vertex(const Simplex<kVertices>& simplex, std::uint32_t vertex, RipsFiltration::Rank rank) {
  Simplex<kVertices + 1> cofacet;
  cofacet.rank = rank;
  std::size_t at = 0;
  while (at < kVertices && simplex.vertices[at] < vertex) {
    cofacet.vertices[at] = simplex.vertices[at];
    ++at;
  }
  cofacet.vertices[at] = vertex;
  std::copy(simplex.vertices.begin() + at, simplex.vertices.end(), cofacet.vertices.begin() + at + 1);
  return cofacet;
}

template <std::size_t kVertices>
Simplex<kVertices - 1> without_vertex(const RipsFiltration& filtration, const Simplex<kVertices>& simplex,
                                      std::size_t position) {
  Simplex<kVertices - 1> facet;
  facet.rank = 0;
  std::copy(simplex.vertices.begin(), simplex.vertices.begin() + position, facet.vertices.begin());
  std::copy(simplex.vertices.begin() + position + 1, simplex.vertices.end(), facet.vertices.begin() + position);
  for (std::size_t i = 0; i + 1 < kVertices - 1; ++i) {
    const RipsFiltration::Rank* const row = filtration.row(facet.vertices[i]);
    for (std::size_t j = i + 1; j < kVertices - 1; ++j) facet.rank = std::max(facet.rank, row[facet.vertices[j]]);
  }
  return facet;
}

/// Calls visit(vertex, rank) for the vertices of the cofacets of a simplex, ascending; rank is the cofacet's, or
/// kAbsent where there is no cofacet. Stops when visit returns false.
template <std::size_t kVertices, class Visit>
void visit_cofacets(const RipsFiltration& filtration, const Simplex<kVertices>& simplex, Visit visit) {
  std::array<const RipsFiltration::Rank*, kVertices> rows;
  for (std::size_t k = 0; k < kVertices; ++k) rows[k] = filtration.row(simplex.vertices[k]);
  const auto size = static_cast<std::uint32_t>(filtration.size());
  for (std::uint32_t vertex = 0; vertex < size; ++vertex) {
    RipsFiltration::Rank rank = simplex.rank;
    for (std::size_t k = 0; k < kVertices; ++k) rank = std::max(rank, rows[k][vertex]);
    if (!visit(vertex, rank)) return;
  }
}

/// The least vertex whose cofacet has the simplex's own diameter; filtration.size() if there is none.
template <std::size_t kVertices>
std::uint32_t first_equal_cofacet(const RipsFiltration& filtration, const Simplex<kVertices>& simplex) {
  auto found = static_cast<std::uint32_t>(filtration.size());
  visit_cofacets(filtration, simplex, [&](std::uint32_t vertex, RipsFiltration::Rank rank) {
    if (rank != simplex.rank) return true;
    found = vertex;
    return false;
  });
  return found;
}

/// True if the simplex is the facet of an apparent pair.
template <std::size_t kVertices>
bool has_apparent_cofacet(const RipsFiltration& filtration, const Simplex<kVertices>& simplex) {
  const std::uint32_t vertex = first_equal_cofacet(filtration, simplex);
  if (vertex == filtration.size()) return false;
  const Simplex<kVertices + 1> cofacet = with_vertex(simplex, vertex, simplex.rank);
  for (std::size_t position = 0; cofacet.vertices[position] != vertex; ++position) {
    if (without_vertex(filtration, cofacet, position).rank == simplex.rank) return false;
  }
  return true;
}

/// Finds the last facet that has the simplex's own diameter (there is one if kVertices >= 3), and says whether the two
/// are an apparent pair.
template <std::size_t kVertices>
bool has_apparent_facet(const RipsFiltration& filtration, const Simplex<kVertices>& simplex,
                        Simplex<kVertices - 1>& facet) {
  std::size_t position = 0;
  facet = without_vertex(filtration, simplex, position);
  while (facet.rank != simplex.rank) facet = without_vertex(filtration, simplex, ++position);
  return first_equal_cofacet(filtration, facet) == simplex.vertices[position];
}

}  // namespace topoforge
