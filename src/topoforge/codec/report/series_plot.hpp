#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "topoforge/codec/report/detection_report.hpp"

/// Purpose: a series over rows as a figure of a page: the drawing stretches with the page, its words do not.
/// Thread safety: pure functions. O(buckets + bands).
namespace topoforge {

/// Rows that are shaded, from `first` to `last`.
struct PlotBand {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  RiskLevel risk_level = RiskLevel::low;
};

struct SeriesPlot {
  std::string_view name;   ///< escaped by the plot
  std::string_view extra;  ///< beside the name, escaped; may be empty
  const ReducedSeries& series;
  std::uint64_t first_row = 0;  ///< the number of bucket 0's first row, as the axis shows it
  std::uint64_t rows = 0;       ///< of the axis; at least 1
  std::optional<double> low;    ///< of the axis; from the data where not given
  std::optional<double> high;
  std::optional<double> line;  ///< a dashed line at this value
  std::string_view line_name;  ///< empty: a quiet line without a name
  const std::vector<PlotBand>* bands = nullptr;
  bool tall = false;
  bool row_axis = true;
};

/// A <figure>.
std::string series_plot(const SeriesPlot& plot);

}  // namespace topoforge
