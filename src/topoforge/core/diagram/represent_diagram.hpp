#pragma once

#include <cstddef>
#include <span>

#include "topoforge/core/diagram/edge_order.hpp"
#include "topoforge/core/diagram/link_trace.hpp"
#include "topoforge/core/diagram/representatives.hpp"

/// Purpose: the diagram of a trace with its simplices and loops. Internal to core/diagram. Thread safety: pure.
namespace topoforge {

/// edges: those of the filtration of n points, in their order; most_loops: the most persistent loops that are searched.
RepresentedDiagram represent_diagram(EdgeLengths lengths, std::size_t n, std::span<const EdgeEnds> edges,
                                     const LinkTrace& trace, std::size_t max_dimension, std::size_t most_loops);

}  // namespace topoforge
