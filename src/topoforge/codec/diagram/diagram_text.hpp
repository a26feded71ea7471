#pragma once

#include <cstddef>
#include <string>

#include "topoforge/core/diagram/persistence_diagram.hpp"

/// Purpose: persistence diagrams as text. Every number is the shortest text that reads back as the same double.
/// Thread safety: pure functions. O(pairs).
namespace topoforge {

/// {"max_dimension": 1, "pairs": [{"dimension": 0, "birth": 0, "death": 1.5}, ...]}, one pair a line, dimension by
/// dimension and each by (birth, death). The death of an essential class is null, since JSON has no infinity.
std::string diagram_to_json(const PersistenceDiagram& diagram);

/// Header `dimension,birth,death`, one pair a line; an essential class dies at `inf`.
std::string diagram_to_csv(const PersistenceDiagram& diagram);

/// A listing for people, one block for each dimension, half-open intervals:
///   H0, connected components: 2 classes, 1 of them essential
///     [0, 1.5)
///     [0, inf)
std::string diagram_to_text(const PersistenceDiagram& diagram);

/// "connected components", "loops", "voids", "3-dimensional classes", ...
std::string classes_of_dimension(std::size_t dimension);

}  // namespace topoforge
