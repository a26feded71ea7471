#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "topoforge/core/diagram/persistence_diagram.hpp"

/// Purpose: which points make the classes of a diagram: the simplices at which they are born and die, and for loops a
/// cycle and a cocycle. VietorisRips::represent() computes them.
/// Units: points by their index in the cloud or matrix. Thread safety: values.
/// Source: Busaryev, Cabello, Chen, Dey and Wang, "Annotating simplices with a homology basis and its applications"
/// (2012), for cycles by annotations; de Silva, Morozov and Vejdemo-Johansson, "Persistent cohomology and circular
/// coordinates" (2011), for cocycles.
namespace topoforge {

using SimplexPoints = std::vector<std::uint32_t>;  ///< ascending

struct PairSimplices {
  SimplexPoints birth;  ///< k + 1 points
  SimplexPoints death;  ///< k + 2 points, the killing simplex; none for an essential class

  auto operator<=>(const PairSimplices&) const = default;
};

struct LoopRepresentative {
  std::size_t pair = 0;  ///< its place in diagram.pairs[1]
  /// The points along the cycle; the edge of birth joins the last to the first.
  std::vector<std::uint32_t> cycle;
  /// The cycle is a shortest one of the class: of all that are born and die with it. Otherwise a shortest one through
  /// its edge of birth, which may live on as an older class.
  bool exact = true;
  /// Edges {i, j}, i > j, on which the cocycle is 1, in the order of the filtration. It is a cocycle from birth until
  /// death, and 1 on the cycle if that is exact.
  std::vector<std::array<std::uint32_t, 2>> cocycle;
};

/// Simplices of k + 1 points on which a cocycle of degree k is 1, ascending by their points. It is a cocycle from the
/// birth of its class until its death.
using Cocycle = std::vector<SimplexPoints>;

struct DiagramWithCocycles {
  PersistenceDiagram diagram;
  std::vector<std::vector<Cocycle>> cocycles;  ///< of diagram.pairs[k][i] in [k][i]; none in degree 0
};

struct RepresentedDiagram {
  PersistenceDiagram diagram;
  std::vector<std::vector<PairSimplices>> simplices;  ///< of diagram.pairs[k][i] in [k][i]
  std::vector<LoopRepresentative> loops;              ///< the most persistent ones, longest life first
};

}  // namespace topoforge
