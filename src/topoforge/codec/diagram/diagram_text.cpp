#include "topoforge/codec/diagram/diagram_text.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <span>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace topoforge {
namespace {

using Points = std::span<const std::uint32_t>;

/// Points from `first_row` on, with `separator` between them.
void append_points(fmt::memory_buffer& out, Points points, std::size_t first_row, std::string_view separator) {
  std::string_view before;
  for (const std::uint32_t point : points) {
    fmt::format_to(std::back_inserter(out), "{}{}", std::exchange(before, separator), first_row + point);
  }
}

const PairSimplices* simplices_of(const RepresentedDiagram& diagram, std::size_t dimension, std::size_t pair) {
  return dimension < diagram.simplices.size() ? &diagram.simplices[dimension][pair] : nullptr;
}

const LoopRepresentative* loop_of(const RepresentedDiagram& diagram, std::size_t dimension, std::size_t pair) {
  if (dimension != 1) return nullptr;
  const auto loop = std::ranges::find(diagram.loops, pair, &LoopRepresentative::pair);
  return loop == diagram.loops.end() ? nullptr : &*loop;
}

/// A number of JSON, which has no infinity.
std::string json_number(double value) { return std::isinf(value) ? "null" : fmt::to_string(value); }

void append_json_interval(fmt::memory_buffer& out, const PersistencePair& pair) {
  fmt::format_to(std::back_inserter(out), "\"birth\": {}, \"death\": {}", pair.birth, json_number(pair.death));
}

void append_json_points(fmt::memory_buffer& out, std::string_view name, Points points, std::size_t first_row) {
  const auto at = std::back_inserter(out);
  fmt::format_to(at, ", \"{}\": [", name);
  append_points(out, points, first_row, ", ");
  fmt::format_to(at, "]");
}

void append_json_simplices(fmt::memory_buffer& out, const PairSimplices& simplices, std::size_t first_row) {
  append_json_points(out, "birth_points", simplices.birth, first_row);
  if (simplices.death.empty()) {
    fmt::format_to(std::back_inserter(out), ", \"death_points\": null");
  } else {
    append_json_points(out, "death_points", simplices.death, first_row);
  }
}

void append_json_loop(fmt::memory_buffer& out, const RepresentedDiagram& diagram, const LoopRepresentative& loop,
                      std::size_t first_row) {
  const auto at = std::back_inserter(out);
  fmt::format_to(at, "{{");
  append_json_interval(out, diagram.diagram.pairs[1][loop.pair]);
  append_json_points(out, "cycle", loop.cycle, first_row);
  fmt::format_to(at, ", \"exact\": {}, \"cocycle\": [", loop.exact);
  std::string_view before;
  for (const auto& edge : loop.cocycle) {
    fmt::format_to(at, "{}[", std::exchange(before, ", "));
    append_points(out, edge, first_row, ", ");
    fmt::format_to(at, "]");
  }
  fmt::format_to(at, "]}}");
}

/// How the elements of an array follow each other.
struct JsonLayout {
  std::string_view first;      // before the first element
  std::string_view separator;  // before the others
  std::string_view last;       // after the last
};

/// "max_dimension": 1, ..., "pairs": [...], without the braces of the object.
void append_json_members(fmt::memory_buffer& out, const RepresentedDiagram& represented, std::size_t first_row,
                         const JsonLayout& layout) {
  const auto at = std::back_inserter(out);
  const PersistenceDiagram& diagram = represented.diagram;
  fmt::format_to(at, "\"max_dimension\": {}, ",
                 diagram.dimensions() == 0 ? "null" : fmt::to_string(diagram.dimensions() - 1));
  if (diagram.approximation) {
    fmt::format_to(at, "\"approximation\": {{\"exact_below\": {}, \"bottleneck_bound\": {}}}, ",
                   json_number(diagram.approximation->exact_below),
                   json_number(diagram.approximation->bottleneck_bound));
  }
  fmt::format_to(at, "\"pairs\": [");
  std::string_view before = layout.first;
  for (std::size_t dimension = 0; dimension < diagram.dimensions(); ++dimension) {
    for (std::size_t pair = 0; pair < diagram.pairs[dimension].size(); ++pair) {
      fmt::format_to(at, "{}{{\"dimension\": {}, ", std::exchange(before, layout.separator), dimension);
      append_json_interval(out, diagram.pairs[dimension][pair]);
      if (const auto* simplices = simplices_of(represented, dimension, pair)) {
        append_json_simplices(out, *simplices, first_row);
      }
      fmt::format_to(at, "}}");
    }
  }
  fmt::format_to(at, "{}]", layout.last);
  if (represented.simplices.empty()) return;
  fmt::format_to(at, ", \"loops\": [");
  before = layout.first;
  for (const LoopRepresentative& loop : represented.loops) {
    fmt::format_to(at, "{}", std::exchange(before, layout.separator));
    append_json_loop(out, represented, loop, first_row);
  }
  fmt::format_to(at, "{}]", layout.last);
}

std::string csv_header(const DiagramColumns& columns) {
  return fmt::format("dimension,birth,death{}{}\n", columns.approximation ? ",exact_below,bottleneck_bound" : "",
                     columns.points ? ",birth_points,death_points,cycle,cycle_exact" : "");
}

void append_csv_points(fmt::memory_buffer& out, const RepresentedDiagram& diagram, std::size_t dimension,
                       std::size_t pair, std::size_t first_row) {
  const auto at = std::back_inserter(out);
  const PairSimplices* simplices = simplices_of(diagram, dimension, pair);
  const LoopRepresentative* loop = loop_of(diagram, dimension, pair);
  fmt::format_to(at, ",");
  if (simplices != nullptr) append_points(out, simplices->birth, first_row, " ");
  fmt::format_to(at, ",");
  if (simplices != nullptr) append_points(out, simplices->death, first_row, " ");
  fmt::format_to(at, ",");
  if (loop != nullptr) append_points(out, loop->cycle, first_row, " ");
  fmt::format_to(at, ",");
  if (loop != nullptr) fmt::format_to(at, "{}", loop->exact);
}

/// Each line begins with `prefix`.
void append_csv(fmt::memory_buffer& out, const RepresentedDiagram& represented, const DiagramColumns& columns,
                std::string_view prefix, std::size_t first_row) {
  const auto at = std::back_inserter(out);
  const PersistenceDiagram& diagram = represented.diagram;
  std::string approximation = ",,";
  if (diagram.approximation) {
    approximation = fmt::format(",{},{}", diagram.approximation->exact_below, diagram.approximation->bottleneck_bound);
  }
  for (std::size_t dimension = 0; dimension < diagram.dimensions(); ++dimension) {
    for (std::size_t pair = 0; pair < diagram.pairs[dimension].size(); ++pair) {
      const PersistencePair& interval = diagram.pairs[dimension][pair];
      fmt::format_to(at, "{}{},{},{}", prefix, dimension, interval.birth, interval.death);
      if (columns.approximation) fmt::format_to(at, "{}", approximation);
      if (columns.points) append_csv_points(out, represented, dimension, pair, first_row);
      fmt::format_to(at, "\n");
    }
  }
}

void append_text_simplices(fmt::memory_buffer& out, const PairSimplices& simplices, std::size_t first_row) {
  const auto at = std::back_inserter(out);
  fmt::format_to(at, "  born with {} ", simplices.birth.size() == 1 ? "point" : "points");
  append_points(out, simplices.birth, first_row, " ");
  if (simplices.death.empty()) return;
  fmt::format_to(at, ", dies with points ");
  append_points(out, simplices.death, first_row, " ");
}

void append_text_loops(fmt::memory_buffer& out, const RepresentedDiagram& diagram, std::string_view indent,
                       std::size_t first_row) {
  const auto at = std::back_inserter(out);
  fmt::format_to(at, "{}The longest loops, by the points along them\n", indent);
  for (const LoopRepresentative& loop : diagram.loops) {
    const PersistencePair& pair = diagram.diagram.pairs[1][loop.pair];
    fmt::format_to(at, "{}  [{}, {}): ", indent, pair.birth, pair.death);
    append_points(out, loop.cycle, first_row, " ");
    fmt::format_to(at, "{}\n", loop.exact ? "" : " (may live on as an older loop)");
  }
}

/// Each line of the listing begins with `indent`.
void append_text(fmt::memory_buffer& out, const RepresentedDiagram& represented, std::string_view indent,
                 std::size_t first_row) {
  const auto at = std::back_inserter(out);
  const PersistenceDiagram& diagram = represented.diagram;
  if (diagram.approximation) {
    fmt::format_to(at, "{}approximate: {}\n", indent, approximation_text(*diagram.approximation));
  }
  for (std::size_t dimension = 0; dimension < diagram.dimensions(); ++dimension) {
    const auto& pairs = diagram.pairs[dimension];
    const auto essential = std::ranges::count_if(pairs, &PersistencePair::essential);
    fmt::format_to(at, "{}H{}, {}: {} {}", indent, dimension, classes_of_dimension(dimension), pairs.size(),
                   pairs.size() == 1 ? "class" : "classes");
    if (essential > 0) fmt::format_to(at, ", {} of them essential", essential);
    fmt::format_to(at, "\n");
    for (std::size_t pair = 0; pair < pairs.size(); ++pair) {
      fmt::format_to(at, "{}  [{}, {})", indent, pairs[pair].birth, pairs[pair].death);
      if (const auto* simplices = simplices_of(represented, dimension, pair)) {
        append_text_simplices(out, *simplices, first_row);
      }
      fmt::format_to(at, "\n");
    }
  }
  if (!represented.loops.empty()) append_text_loops(out, represented, indent, first_row);
}

}  // namespace

std::string classes_of_dimension(std::size_t dimension) {
  switch (dimension) {
    case 0: return "connected components";
    case 1: return "loops";
    case 2: return "voids";
    default: return fmt::format("{}-dimensional classes", dimension);
  }
}

std::string approximation_text(const Approximation& approximation) {
  const std::string bound = std::isinf(approximation.bottleneck_bound)
                                ? "has no bound, as classes may never die"
                                : fmt::format("is at most {}", approximation.bottleneck_bound);
  return fmt::format(
      "the budget is spent: exact for edges shorter than {}; the bottleneck distance to the exact diagram {}",
      approximation.exact_below, bound);
}

std::string diagram_to_json(const RepresentedDiagram& diagram) {
  fmt::memory_buffer out;
  const auto at = std::back_inserter(out);
  fmt::format_to(at, "{{");
  append_json_members(out, diagram, 0, {.first = "\n  ", .separator = ",\n  ", .last = "\n"});
  fmt::format_to(at, "}}\n");
  return fmt::to_string(out);
}

std::string diagram_to_csv(const RepresentedDiagram& diagram, const DiagramColumns& columns) {
  fmt::memory_buffer out;
  fmt::format_to(std::back_inserter(out), "{}", csv_header(columns));
  append_csv(out, diagram, columns, "", 0);
  return fmt::to_string(out);
}

std::string diagram_to_text(const RepresentedDiagram& diagram) {
  fmt::memory_buffer out;
  append_text(out, diagram, "", 0);
  return fmt::to_string(out);
}

std::string window_to_json(const DiagramWindow& window, const RepresentedDiagram& diagram) {
  fmt::memory_buffer out;
  const auto at = std::back_inserter(out);
  fmt::format_to(at, "{{\"window\": {}, \"first_row\": {}, \"rows\": {}, ", window.window, window.first_row,
                 window.rows);
  append_json_members(out, diagram, window.first_row, {.first = "", .separator = ", ", .last = ""});
  fmt::format_to(at, "}}");
  return fmt::to_string(out);
}

std::string window_csv_header(const DiagramColumns& columns) { return "window," + csv_header(columns); }

std::string window_to_csv(const DiagramWindow& window, const RepresentedDiagram& diagram,
                          const DiagramColumns& columns) {
  fmt::memory_buffer out;
  append_csv(out, diagram, columns, fmt::format("{},", window.window), window.first_row);
  return fmt::to_string(out);
}

std::string window_to_text(const DiagramWindow& window, const RepresentedDiagram& diagram) {
  fmt::memory_buffer out;
  fmt::format_to(std::back_inserter(out), "window {}, rows {} to {}\n", window.window, window.first_row,
                 window.first_row + window.rows - 1);
  append_text(out, diagram, "  ", window.first_row);
  return fmt::to_string(out);
}

}  // namespace topoforge
