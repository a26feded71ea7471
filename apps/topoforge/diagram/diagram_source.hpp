#pragma once

#include "topoforge/base/result.hpp"
#include "topoforge/codec/diagram/distance_reader.hpp"
#include "topoforge/diagram/diagram_options.hpp"
#include "topoforge/progress_line.hpp"

/// Purpose: the input of `topoforge diagram` from its file, whole. Thread safety: one caller at a time.
namespace topoforge {

/// Errors: those of the readers; invalid_argument for a metric that is given for distances.
Result<DistanceInput> read_diagram_input(const DiagramOptions& options, ProgressLine& progress);

}  // namespace topoforge
