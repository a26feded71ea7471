#pragma once

#include <cstddef>
#include <optional>

#include "topoforge/base/result.hpp"
#include "topoforge/core/pipeline/pipeline.hpp"

/// Purpose: the documented two-step face of a pipeline: ingest events, then ask what the window says.
/// Thread safety: one owner at a time.
namespace topoforge {

class DataProcessor {
 public:
  /// Errors of the options are found by validate(PipelineOptions); window_size must be within its range (asserted).
  explicit DataProcessor(std::size_t window_size = 50) : DataProcessor(PipelineOptions{.window = window_size}) {}
  explicit DataProcessor(PipelineOptions options) : pipeline_(std::move(options)) {}

  /// Errors: those of Pipeline::push; the event is then not counted.
  Result<void> ingest(const Event& event);
  /// The analysis of the newest window: Betti numbers, anomaly score, verdict, security analysis.
  /// Errors: unavailable while the first window fills ("12 of 50 events").
  [[nodiscard]] Result<Analysis> process_window() const;
  [[nodiscard]] const Pipeline& pipeline() const { return pipeline_; }

 private:
  Pipeline pipeline_;
  std::optional<Analysis> newest_;
};

}  // namespace topoforge
