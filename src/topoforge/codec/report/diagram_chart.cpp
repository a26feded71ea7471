#include "topoforge/codec/report/diagram_chart.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "topoforge/codec/diagram/diagram_text.hpp"
#include "topoforge/codec/report/axis.hpp"
#include "topoforge/codec/report/markup.hpp"
#include "topoforge/codec/report/markup_writer.hpp"

namespace topoforge {
namespace {

/// Room beyond the end of an axis where infinity stands.
constexpr double kInfinityRoom = 26.0;

/// From values to user units.
struct Scale {
  double low = 0.0;
  double high = 1.0;
  double from = 0.0;
  double to = 0.0;

  double operator()(double value) const {
    const double span = high - low;
    return from + (value / span - low / span) * (to - from);
  }
};

struct ValueRange {
  double low = 0.0;
  double high = 0.0;
};

/// From 0 (or the least birth) to the greatest finite value; never empty.
ValueRange range_of(const PersistenceDiagram& diagram) {
  ValueRange range;
  for (const auto& pairs : diagram.pairs) {
    for (const PersistencePair& pair : pairs) {
      range.low = std::min(range.low, pair.birth);
      range.high = std::max({range.high, pair.birth, pair.essential() ? pair.birth : pair.death});
    }
  }
  if (range.low == range.high) range.high = range.low + 1.0;
  return range;
}

/// The `limit` pairs of the longest lifetimes, in the order of the diagram.
std::vector<PersistencePair> longest(const std::vector<PersistencePair>& pairs, std::size_t limit) {
  std::vector<PersistencePair> chosen = pairs;
  if (chosen.size() > limit) {
    std::stable_sort(chosen.begin(), chosen.end(), [](const PersistencePair& left, const PersistencePair& right) {
      return left.lifetime() > right.lifetime();
    });
    chosen.resize(limit);
  }
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

std::string tooltip(std::size_t dimension, const PersistencePair& pair) {
  if (pair.essential()) return fmt::format("<title>H{}: born at {}, never dies</title>", dimension, pair.birth);
  return fmt::format("<title>H{}: born at {}, dies at {}, lives {}</title>", dimension, short_number(pair.birth, 6),
                     short_number(pair.death, 6), short_number(pair.lifetime(), 6));
}

void add_horizontal_axis(MarkupWriter& svg, const Scale& x, double top, double bottom, double right,
                         std::string_view caption) {
  for (const AxisTick& tick : axis_ticks(x.low, x.high, 4)) {
    const double at = x(tick.value);
    svg.add(R"(<line class="grid" x1="{0:.1f}" x2="{0:.1f}" y1="{1:.1f}" y2="{2:.1f}"/>)", at, top, bottom);
    svg.add(R"(<text class="label" text-anchor="middle" x="{:.1f}" y="{:.1f}">{}</text>)", at, bottom + 15.0,
            tick.label);
  }
  svg.add(R"(<line class="frame" x1="{:.1f}" x2="{:.1f}" y1="{:.1f}" y2="{:.1f}"/>)", x.from, right, bottom, bottom);
  svg.add(R"(<text class="caption" text-anchor="middle" x="{:.1f}" y="{:.1f}">{}</text>)", 0.5 * (x.from + x.to),
          bottom + 31.0, caption);
}

void add_vertical_axis(MarkupWriter& svg, const Scale& y, double left, double right, double top,
                       std::string_view caption) {
  for (const AxisTick& tick : axis_ticks(y.low, y.high, 4)) {
    const double at = y(tick.value);
    svg.add(R"(<line class="grid" x1="{:.1f}" x2="{:.1f}" y1="{:.1f}" y2="{:.1f}"/>)", left, right, at, at);
    svg.add(R"(<text class="label" text-anchor="end" x="{:.1f}" y="{:.1f}">{}</text>)", left - 6.0, at + 4.0,
            tick.label);
  }
  svg.add(R"(<line class="frame" x1="{0:.1f}" x2="{0:.1f}" y1="{1:.1f}" y2="{2:.1f}"/>)", left, top, y.from);
  const double middle = 0.5 * (y.from + y.to);
  svg.add(
      R"svg(<text class="caption" text-anchor="middle" transform="translate({:.1f} {:.1f}) rotate(-90)">{}</text>)svg",
      left - 40.0, middle, caption);
}

void add_bar(MarkupWriter& svg, std::size_t dimension, const PersistencePair& pair, const Scale& x, double y,
             double thickness) {
  const double from = x(pair.birth);
  if (!pair.essential()) {
    const double width = std::max(x(pair.death) - from, 0.5);
    svg.add(R"(<rect x="{:.1f}" y="{:.2f}" width="{:.1f}" height="{:.2f}" fill="currentColor">{}</rect>)", from,
            y - 0.5 * thickness, width, thickness, tooltip(dimension, pair));
    return;
  }
  const double end = x.to + kInfinityRoom;
  const double head = std::max(2.5, 0.9 * thickness);
  svg.add(R"(<g fill="currentColor">{}<rect x="{:.1f}" y="{:.2f}" width="{:.1f}" height="{:.2f}"/>)",
          tooltip(dimension, pair), from, y - 0.5 * thickness, end - 2.0 * head - from, thickness);
  svg.add(R"(<path d="M{0:.1f} {1:.2f}L{2:.1f} {3:.2f}L{0:.1f} {4:.2f}Z"/></g>)", end - 2.0 * head, y - head, end, y,
          y + head);
}

/// A shape for each dimension, so that colour is not all that tells them apart.
void add_mark(MarkupWriter& svg, std::size_t dimension, double x, double y, const std::string& title) {
  switch (dimension) {
    case 0: svg.add(R"(<circle class="mark" cx="{:.1f}" cy="{:.1f}" r="3.6">{}</circle>)", x, y, title); return;
    case 1:
      svg.add(R"(<path class="mark" d="M{:.1f} {:.1f}l4.6 4.6l-4.6 4.6l-4.6 -4.6z">{}</path>)", x, y - 4.6, title);
      return;
    case 2: svg.add(R"(<path class="mark" d="M{:.1f} {:.1f}l4.4 7.6h-8.8z">{}</path>)", x, y - 5.0, title); return;
    default:
      svg.add(R"(<rect class="mark" x="{:.1f}" y="{:.1f}" width="6.6" height="6.6">{}</rect>)", x - 3.3, y - 3.3,
              title);
  }
}

std::string legend_text(const PersistenceDiagram& diagram, std::size_t dimension) {
  const std::size_t count = diagram.pairs[dimension].size();
  std::string text = fmt::format("H{} {}: {}", dimension, classes_of_dimension(dimension), grouped_number(count));
  if (count > kMaxBarsPerDimension) text += fmt::format(" ({} longest as bars)", kMaxBarsPerDimension);
  return text;
}

}  // namespace

std::string barcode_chart(const PersistenceDiagram& diagram, const ChartBox& box) {
  constexpr double kGap = 10.0;
  const ValueRange range = range_of(diagram);
  const Scale x{
      .low = range.low, .high = range.high, .from = box.x + 30.0, .to = box.x + box.width - kInfinityRoom - 2.0};
  const double bottom = box.y + box.height - 38.0;
  std::vector<std::vector<PersistencePair>> bars;
  std::size_t total = 0;
  for (const auto& pairs : diagram.pairs) {
    bars.push_back(longest(pairs, kMaxBarsPerDimension));
    total += bars.back().size();
  }
  const double room = bottom - box.y - kGap * static_cast<double>(bars.size());
  const double step = std::min(12.0, room / static_cast<double>(std::max<std::size_t>(total, 1)));
  const double thickness = std::clamp(0.62 * step, 0.6, 5.0);

  MarkupWriter svg;
  svg.add("<g>");
  add_horizontal_axis(svg, x, box.y, bottom, x.to + kInfinityRoom, "distance");
  svg.add(R"(<text class="label" text-anchor="end" x="{:.1f}" y="{:.1f}">∞</text>)", x.to + kInfinityRoom,
          bottom + 15.0);
  double y = box.y + 0.5 * kGap;
  for (std::size_t dimension = 0; dimension < bars.size(); ++dimension) {
    if (bars[dimension].empty()) continue;
    svg.add(R"(<g class="d{}">)", dimension);
    svg.add(R"(<text class="name" x="{:.1f}" y="{:.1f}">H{}</text>)", box.x, y + 9.0, dimension);
    for (const PersistencePair& pair : bars[dimension]) {
      add_bar(svg, dimension, pair, x, y + 0.5 * step, thickness);
      y += step;
    }
    svg.add("</g>");
    y += kGap;
  }
  svg.add("</g>");
  return svg.text();
}

std::string birth_death_chart(const PersistenceDiagram& diagram, const ChartBox& box) {
  const ValueRange range = range_of(diagram);
  const double left = box.x + 54.0;
  const double right = box.x + box.width - 8.0;
  const double bottom = box.y + box.height - 38.0;
  const Scale x{.low = range.low, .high = range.high, .from = left, .to = right - 6.0};
  const Scale y{.low = range.low, .high = range.high, .from = bottom, .to = box.y + kInfinityRoom + 4.0};
  const double infinity = box.y + 8.0;

  MarkupWriter svg;
  svg.add("<g>");
  add_horizontal_axis(svg, x, box.y, bottom, right, "birth");
  add_vertical_axis(svg, y, left, right, box.y, "death");
  svg.add(R"(<line class="guide" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>)", x.from, y.from, x.to, y.to);
  svg.add(R"(<line class="guide" stroke-dasharray="4 4" x1="{:.1f}" x2="{:.1f}" y1="{:.1f}" y2="{:.1f}"/>)", left,
          right, infinity, infinity);
  svg.add(R"(<text class="label" text-anchor="end" x="{:.1f}" y="{:.1f}">∞</text>)", left - 6.0, infinity + 4.0);
  for (std::size_t dimension = 0; dimension < diagram.dimensions(); ++dimension) {
    svg.add(R"(<g class="d{}">)", dimension);
    for (const PersistencePair& pair : longest(diagram.pairs[dimension], kMaxMarksPerDimension)) {
      add_mark(svg, dimension, x(pair.birth), pair.essential() ? infinity : y(pair.death), tooltip(dimension, pair));
    }
    svg.add("</g>");
  }
  svg.add("</g>");
  return svg.text();
}

std::string landscape_chart(const Landscape& landscape, std::size_t dimension, const ChartBox& box) {
  const auto& grid = landscape.grid;
  const auto& heights = landscape.layers.values;
  const double greatest = heights.empty() ? 0.0 : *std::max_element(heights.begin(), heights.end());
  const double low = grid.empty() ? 0.0 : grid.front();
  const double high = grid.empty() || grid.back() <= low ? low + 1.0 : grid.back();
  const double left = box.x + 54.0;
  const double right = box.x + box.width - 8.0;
  const double bottom = box.y + box.height - 38.0;
  const Scale x{.low = low, .high = high, .from = left, .to = right - 6.0};
  const Scale y{.low = 0.0, .high = greatest > 0.0 ? greatest : 1.0, .from = bottom, .to = box.y + 8.0};

  MarkupWriter svg;
  svg.add("<g>");
  add_horizontal_axis(svg, x, box.y, bottom, right, "distance");
  add_vertical_axis(svg, y, left, right, box.y, "height");
  svg.add(R"(<g class="d{}">)", dimension);
  for (std::size_t layer = landscape.layers.rows; layer-- > 0;) {  // the first layer on top of the others
    std::string path;
    for (std::size_t i = 0; i < grid.size(); ++i) {
      path += fmt::format("{}{:.1f} {:.1f}", i == 0 ? "M" : "L", x(grid[i]), y(landscape.layers(layer, i)));
    }
    const double opacity = 1.0 / (1.0 + static_cast<double>(layer));
    svg.add(R"(<path d="{}" fill="none" stroke="currentColor" stroke-width="1.8" stroke-opacity="{:.2f}" )"
            R"(stroke-linejoin="round"><title>layer {}</title></path>)",
            path, opacity, layer + 1);
  }
  svg.add("</g>\n</g>");
  return svg.text();
}

std::string chart_svg(std::string_view fragment, double width, double height, std::string_view label) {
  return fmt::format("<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">\n{}</svg>\n", width, height,
                     escape_markup(label), fragment);
}

std::string diagram_svg(const PersistenceDiagram& diagram, std::string_view title) {
  constexpr double kWidth = 960.0;
  constexpr double kTop = 84.0;
  constexpr double kHeight = 500.0;
  const std::string name = escape_markup(title);
  MarkupWriter svg;
  svg.add(R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {1}" width="{0}" height="{1}" role="img" )"
          R"(aria-label="Barcode and persistence diagram of {2}">)",
          kWidth, kHeight, name);
  svg.add("<title>Barcode and persistence diagram of {}</title>", name);
  svg.add(
      "<style>text{{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;fill:#334155}}"
      ".title{{font-size:17px;font-weight:600;fill:#0f172a}}.label{{font-size:11px}}"
      ".caption{{font-size:12px;fill:#64748b}}.legend{{font-size:12px}}"
      ".name{{font-size:11px;font-weight:600;fill:currentColor}}"
      ".frame{{stroke:#94a3b8}}.grid{{stroke:#e8edf3}}.guide{{stroke:#94a3b8}}"
      ".mark{{fill:currentColor;fill-opacity:.72;stroke:#fff;stroke-width:.7}}"
      ".d0{{color:#0b6bb8}}.d1{{color:#d1570b}}.d2{{color:#0a8f6c}}.d3{{color:#a1478f}}</style>");
  svg.add(R"(<rect width="{}" height="{}" fill="#fff"/>)", kWidth, kHeight);
  svg.add(R"(<text class="title" x="24" y="34">{}</text>)", name);
  double x = 30.0;
  for (std::size_t dimension = 0; dimension < diagram.dimensions(); ++dimension) {
    const std::string text = legend_text(diagram, dimension);
    svg.add(R"(<g class="d{}">)", dimension);
    add_mark(svg, dimension, x, 57.0, "");
    svg.add(R"(<text class="legend" x="{:.1f}" y="61">{}</text></g>)", x + 11.0, text);
    x += 40.0 + 7.0 * static_cast<double>(text.size());
  }
  svg.add("{}{}</svg>", barcode_chart(diagram, {.x = 24.0, .y = kTop, .width = 452.0, .height = kHeight - kTop - 12.0}),
          birth_death_chart(diagram, {.x = 496.0, .y = kTop, .width = 440.0, .height = kHeight - kTop - 12.0}));
  return svg.text();
}

}  // namespace topoforge
