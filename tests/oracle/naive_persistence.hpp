#pragma once

#include <cstddef>

#include "topoforge/core/cloud/distance_matrix.hpp"
#include "topoforge/core/diagram/persistence_diagram.hpp"

/// Purpose: the definition of Vietoris-Rips persistence, written out: every simplex of up to max_dimension + 2 vertices
/// in one list, its full boundary matrix over Z/2, and the standard column reduction (Edelsbrunner, Letscher and
/// Zomorodian 2002). It shares no idea and no code with the engine that it judges: homology instead of cohomology,
/// explicit simplices, doubles instead of ranks, no enclosing radius, no shortcut.
/// Complexity: all simplices and the cube of their number; for about 12 points.
namespace topoforge::oracle {

PersistenceDiagram naive_persistence(const DistanceMatrix& distances, std::size_t max_dimension,
                                     double max_edge_length);

}  // namespace topoforge::oracle
