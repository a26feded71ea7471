#pragma once

#include "topoforge/base/result.hpp"
#include "topoforge/diagram/diagram_options.hpp"

/// Purpose: `topoforge diagram --window`: one diagram for each window of rows, written as it comes.
/// Memory: at most a few hundred windows for each thread, however long the input. Thread safety: one caller at a time.
namespace topoforge {

/// Errors: those of the readers, compute_diagrams() and the output; invalid_data for fewer rows than a window has;
/// invalid_argument for options that windows do not go with. A reader of the output that goes away is none.
Result<void> run_diagram_windows(const DiagramOptions& options);

}  // namespace topoforge
