#pragma once

#include <memory>

#include "topoforge/adapters/file/output_file.hpp"
#include "topoforge/detect/detect_run.hpp"

/// Purpose: the report page of a run. Memory: bounded, see ReportBuilder. Thread safety: one owner at a time.
namespace topoforge {

/// Writes the page to `output` at the end of the run; the caller commits it. output must outlive the sink.
std::unique_ptr<RunSink> make_report_sink(OutputFile& output);

}  // namespace topoforge
