#include "topoforge/codec/diagram/diagram_text.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>

#include <fmt/format.h>

namespace topoforge {

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
  if (diagram.dimensions() == 0) {
    fmt::format_to(at, "{{\"max_dimension\": null, \"pairs\": [");
  } else {
    fmt::format_to(at, "{{\"max_dimension\": {}, \"pairs\": [", diagram.dimensions() - 1);
  }
  std::string_view separator = "\n";
  for (std::size_t dimension = 0; dimension < diagram.dimensions(); ++dimension) {
    for (const PersistencePair& pair : diagram.pairs[dimension]) {
      fmt::format_to(at, "{}  {{\"dimension\": {}, \"birth\": {}, \"death\": ", separator, dimension, pair.birth);
      if (pair.essential()) {
        fmt::format_to(at, "null}}");
      } else {
        fmt::format_to(at, "{}}}", pair.death);
      }
      separator = ",\n";
    }
  }
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
  const auto at = std::back_inserter(out);
  for (std::size_t dimension = 0; dimension < diagram.dimensions(); ++dimension) {
    const auto& pairs = diagram.pairs[dimension];
    const auto essential =
        std::count_if(pairs.begin(), pairs.end(), [](const PersistencePair& pair) { return pair.essential(); });
    fmt::format_to(at, "H{}, {}: {} {}", dimension, classes_of_dimension(dimension), pairs.size(),
                   pairs.size() == 1 ? "class" : "classes");
    if (essential > 0) fmt::format_to(at, ", {} of them essential", essential);
    fmt::format_to(at, "\n");
    for (const PersistencePair& pair : pairs) fmt::format_to(at, "  [{}, {})\n", pair.birth, pair.death);
  }
  return fmt::to_string(out);
}

}  // namespace topoforge
