#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "topoforge/core/diagram/edge_order.hpp"

/// Purpose: what LinkEngine knows of a filtration once its diagram is there: which simplices pair up, and the value of
/// every edge in the cocycles. Internal to core/diagram. Thread safety: values.
namespace topoforge {

struct LinkTrace {
  static constexpr std::uint32_t kNone = static_cast<std::uint32_t>(-1);

  struct Triangle {
    EdgeEnds edge;  ///< its last one
    std::uint16_t vertex;
  };
  struct Tetrahedron {
    EdgeEnds edge;  ///< its last one
    std::uint16_t a;
    std::uint16_t b;
  };

  std::vector<EdgeEnds> merges;          ///< edges that join two components, in their order
  std::vector<EdgeEnds> loops;           ///< edges that give birth to a loop, in their order
  std::vector<Triangle> triangles;       ///< critical, in their order
  std::vector<Tetrahedron> tetrahedra;   ///< critical, in their order; none in degree 1
  std::vector<std::uint32_t> loop_ends;  ///< by loop: the triangle that kills it; kNone for an essential one
  std::vector<std::uint32_t> voids;      ///< triangles that give birth to a void, in their order; none in degree 1
  std::vector<std::uint32_t> void_ends;  ///< by void: the tetrahedron that kills it, or kNone

  // Vectors over Z/2 with a bit for each loop, `width` words each, by the place of their first word.
  std::size_t width = 1;
  std::vector<std::uint64_t> words;
  std::vector<std::uint32_t> classes;  ///< by loop: what its triangle kills, a sum of it and of older loops
  std::vector<std::uint32_t> edges;    ///< by the index of an edge: the sum of loops that it stands for

  [[nodiscard]] std::span<const std::uint64_t> vector_at(std::uint32_t place) const {
    return {words.data() + place, width};
  }
};

}  // namespace topoforge
