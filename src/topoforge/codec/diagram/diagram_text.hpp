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

/// A window of a longer input; window and rows count from 0.
struct DiagramWindow {
  std::size_t window = 0;
  std::size_t first_row = 0;
  std::size_t rows = 0;
};

/// One object in one line, without its end: {"window": 3, "first_row": 30, "rows": 50, "max_dimension": 1, "pairs":
/// ...}
std::string window_to_json(const DiagramWindow& window, const PersistenceDiagram& diagram);

/// The pairs below kWindowCsvHeader, one a line. A window without pairs has no line.
inline constexpr const char* kWindowCsvHeader = "window,dimension,birth,death\n";
std::string window_to_csv(const DiagramWindow& window, const PersistenceDiagram& diagram);

/// `window 3, rows 30 to 79`, and below it what diagram_to_text() says, indented.
std::string window_to_text(const DiagramWindow& window, const PersistenceDiagram& diagram);

/// "connected components", "loops", "voids", "3-dimensional classes", ...
std::string classes_of_dimension(std::size_t dimension);

}  // namespace topoforge
