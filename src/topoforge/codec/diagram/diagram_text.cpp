#include "topoforge/codec/diagram/diagram_text.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace topoforge {
namespace {

/// {"dimension": 0, "birth": 0, "death": 1.5}, ... with `separator` before each but the first, which follows `first`.
void append_json_pairs(fmt::memory_buffer& out, const PersistenceDiagram& diagram, std::string_view first,
                       std::string_view separator) {
  const auto at = std::back_inserter(out);
  for (std::size_t dimension = 0; dimension < diagram.dimensions(); ++dimension) {
    for (const PersistencePair& pair : diagram.pairs[dimension]) {
      fmt::format_to(at, "{}{{\"dimension\": {}, \"birth\": {}, \"death\": ", std::exchange(first, separator),
                     dimension, pair.birth);
      if (pair.essential()) {
        fmt::format_to(at, "null}}");
      } else {
        fmt::format_to(at, "{}}}", pair.death);
      }
    }
  }
}

std::string json_max_dimension(const PersistenceDiagram& diagram) {
  return diagram.dimensions() == 0 ? "null" : fmt::to_string(diagram.dimensions() - 1);
}

/// Each line of the listing begins with `indent`.
void append_text(fmt::memory_buffer& out, const PersistenceDiagram& diagram, std::string_view indent) {
  const auto at = std::back_inserter(out);
  for (std::size_t dimension = 0; dimension < diagram.dimensions(); ++dimension) {
    const auto& pairs = diagram.pairs[dimension];
    const auto essential =
        std::count_if(pairs.begin(), pairs.end(), [](const PersistencePair& pair) { return pair.essential(); });
    fmt::format_to(at, "{}H{}, {}: {} {}", indent, dimension, classes_of_dimension(dimension), pairs.size(),
                   pairs.size() == 1 ? "class" : "classes");
    if (essential > 0) fmt::format_to(at, ", {} of them essential", essential);
    fmt::format_to(at, "\n");
    for (const PersistencePair& pair : pairs) fmt::format_to(at, "{}  [{}, {})\n", indent, pair.birth, pair.death);
  }
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

std::string diagram_to_json(const PersistenceDiagram& diagram) {
  fmt::memory_buffer out;
  const auto at = std::back_inserter(out);
  fmt::format_to(at, "{{\"max_dimension\": {}, \"pairs\": [", json_max_dimension(diagram));
  append_json_pairs(out, diagram, "\n  ", ",\n  ");
  fmt::format_to(at, "\n]}}\n");
  return fmt::to_string(out);
}

std::string diagram_to_csv(const PersistenceDiagram& diagram) {
  fmt::memory_buffer out;
  const auto at = std::back_inserter(out);
  fmt::format_to(at, "dimension,birth,death\n");
  for (std::size_t dimension = 0; dimension < diagram.dimensions(); ++dimension) {
    for (const PersistencePair& pair : diagram.pairs[dimension]) {
      fmt::format_to(at, "{},{},{}\n", dimension, pair.birth, pair.death);
    }
  }
  return fmt::to_string(out);
}

std::string diagram_to_text(const PersistenceDiagram& diagram) {
  fmt::memory_buffer out;
  append_text(out, diagram, "");
  return fmt::to_string(out);
}

std::string window_to_json(const DiagramWindow& window, const PersistenceDiagram& diagram) {
  fmt::memory_buffer out;
  const auto at = std::back_inserter(out);
  fmt::format_to(at, "{{\"window\": {}, \"first_row\": {}, \"rows\": {}, \"max_dimension\": {}, \"pairs\": [",
                 window.window, window.first_row, window.rows, json_max_dimension(diagram));
  append_json_pairs(out, diagram, "", ", ");
  fmt::format_to(at, "]}}");
  return fmt::to_string(out);
}

std::string window_to_csv(const DiagramWindow& window, const PersistenceDiagram& diagram) {
  fmt::memory_buffer out;
  const auto at = std::back_inserter(out);
  for (std::size_t dimension = 0; dimension < diagram.dimensions(); ++dimension) {
    for (const PersistencePair& pair : diagram.pairs[dimension]) {
      fmt::format_to(at, "{},{},{},{}\n", window.window, dimension, pair.birth, pair.death);
    }
  }
  return fmt::to_string(out);
}

std::string window_to_text(const DiagramWindow& window, const PersistenceDiagram& diagram) {
  fmt::memory_buffer out;
  fmt::format_to(std::back_inserter(out), "window {}, rows {} to {}\n", window.window, window.first_row,
                 window.first_row + window.rows - 1);
  append_text(out, diagram, "  ");
  return fmt::to_string(out);
}

}  // namespace topoforge
