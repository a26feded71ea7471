#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "topoforge/core/diagram/persistence_diagram.hpp"
#include "topoforge/core/features/landscape.hpp"

/// Purpose: charts of a persistence diagram as SVG. A fragment is a <g> whose colours come from the classes d0 to d3
/// (one for a dimension), frame, grid, label, caption and guide of the document around it.
/// Bounds: a chart draws, of each dimension, the classes of the longest lifetimes up to its limit, and says so.
/// Thread safety: pure functions. O(pairs log pairs).
namespace topoforge {

inline constexpr std::size_t kMaxBarsPerDimension = 80;
inline constexpr std::size_t kMaxMarksPerDimension = 500;

/// Where a fragment stands, in user units.
struct ChartBox {
  double x = 0.0;
  double y = 0.0;
  double width = 0.0;
  double height = 0.0;
};

/// One bar a class from birth to death; that of an essential class ends in an arrow beyond the axis.
std::string barcode_chart(const PersistenceDiagram& diagram, const ChartBox& box);

/// Birth and death of each class above the diagonal; essential classes stand on a dashed line marked with infinity.
std::string birth_death_chart(const PersistenceDiagram& diagram, const ChartBox& box);

/// One line a layer over the filtration.
std::string landscape_chart(const Landscape& landscape, std::size_t dimension, const ChartBox& box);

/// An <svg> that fills the width of its place, around one fragment. `label` is what a screen reader says.
std::string chart_svg(std::string_view fragment, double width, double height, std::string_view label);

/// A self-contained SVG document for the file: title, legend, barcode and diagram side by side, dark on white.
std::string diagram_svg(const PersistenceDiagram& diagram, std::string_view title);

}  // namespace topoforge
