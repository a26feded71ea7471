#pragma once

#include <cstddef>
#include <string>

#include "topoforge/core/diagram/representatives.hpp"

/// Purpose: persistence diagrams as text, with the points that make their classes where the diagram has them. Every
/// number is the shortest text that reads back as the same double; a diagram that was cut short says so.
/// Thread safety: pure functions. O(pairs and points).
namespace topoforge {

/// {"max_dimension": 1, "pairs": [{"dimension": 0, "birth": 0, "death": 1.5}, ...]}, one pair a line, dimension by
/// dimension and each by (birth, death). The death of an essential class is null, since JSON has no infinity.
/// - Cut short: "approximation": {"exact_below": 1.2, "bottleneck_bound": 0.3} before the pairs, null for no bound.
/// - With simplices: each pair has its "birth_points" and "death_points", null for an essential class.
/// - With loops: "loops": [{"birth": 1, "death": 1.5, "cycle": [0, 1, 2, 3], "exact": true, "cocycle": [[3, 2]]}, ...]
std::string diagram_to_json(const RepresentedDiagram& diagram);

/// Which columns follow `dimension,birth,death`: the same for all diagrams of a file.
struct DiagramColumns {
  bool approximation = false;  ///< exact_below,bottleneck_bound: empty for an exact diagram
  bool points = false;         ///< birth_points,death_points,cycle,cycle_exact: points between blanks, empty for none
};

/// A header and one pair a line; an essential class dies at `inf`.
std::string diagram_to_csv(const RepresentedDiagram& diagram, const DiagramColumns& columns);

/// A listing for people, one block for each dimension, half-open intervals:
///   H0, connected components: 2 classes, 1 of them essential
///     [0, 1.5)
///     [0, inf)
/// With simplices a class says by which points it is born and dies; loops follow with their cycles.
std::string diagram_to_text(const RepresentedDiagram& diagram);

/// A window of a longer input; window and rows count from 0. Points of its diagrams are written as rows of the input.
struct DiagramWindow {
  std::size_t window = 0;
  std::size_t first_row = 0;
  std::size_t rows = 0;
};

/// One object in one line, without its end: {"window": 3, "first_row": 30, "rows": 50, "max_dimension": 1, "pairs":
/// ...}
std::string window_to_json(const DiagramWindow& window, const RepresentedDiagram& diagram);

/// The pairs below window_csv_header(), one a line. A window without pairs has no line.
std::string window_csv_header(const DiagramColumns& columns);
std::string window_to_csv(const DiagramWindow& window, const RepresentedDiagram& diagram,
                          const DiagramColumns& columns);

/// `window 3, rows 30 to 79`, and below it what diagram_to_text() says, indented.
std::string window_to_text(const DiagramWindow& window, const RepresentedDiagram& diagram);

/// "the budget is spent: exact for edges shorter than 1.2; the bottleneck distance to the exact diagram is at most
/// 0.3"
std::string approximation_text(const Approximation& approximation);

/// "connected components", "loops", "voids", "3-dimensional classes", ...
std::string classes_of_dimension(std::size_t dimension);

}  // namespace topoforge
