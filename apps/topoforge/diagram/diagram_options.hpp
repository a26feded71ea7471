#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "topoforge/codec/diagram/diagram_text.hpp"
#include "topoforge/core/cloud/distance_matrix.hpp"
#include "topoforge/core/diagram/vietoris_rips.hpp"

/// Purpose: what the user asked of `topoforge diagram`. Thread safety: values.
namespace topoforge {

struct DiagramOptions {
  std::string path;
  std::string input = "auto";
  Metric metric = Metric::euclidean;
  bool metric_given = false;
  VietorisRipsOptions rips;
  bool budget_given = false;         ///< of rips.max_cells
  std::optional<std::size_t> loops;  ///< with a number, which may be 0, the points that make the classes are wanted
  std::string format = "text";
  std::string output = "-";
  std::size_t window = 0;  ///< rows; 0: the whole input is one diagram
  std::size_t stride = 1;
  std::size_t threads = 0;  ///< 0: one a processor
  bool quiet = false;

  [[nodiscard]] DiagramColumns columns() const { return {.approximation = budget_given, .points = loops.has_value()}; }
};

}  // namespace topoforge
