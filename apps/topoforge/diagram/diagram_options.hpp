#pragma once

#include <cstddef>
#include <string>

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
  std::string format = "text";
  std::string output = "-";
  std::size_t window = 0;  ///< rows; 0: the whole input is one diagram
  std::size_t stride = 1;
  std::size_t threads = 0;  ///< 0: one a processor
  bool quiet = false;
};

}  // namespace topoforge
