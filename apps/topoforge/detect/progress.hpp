#pragma once

#include "topoforge/adapters/file/line_reader.hpp"
#include "topoforge/detect/detect_run.hpp"
#include "topoforge/progress_line.hpp"

/// Purpose: shows how far a run has come. Thread safety: one owner.
namespace topoforge {

class Progress final : public RunSink {
 public:
  /// lines must outlive it.
  explicit Progress(const LineReader& lines) : lines_(lines) {}

  Result<void> take(const JudgedRow& row) override;
  Result<void> finish(const RunSummary& summary) override;

 private:
  const LineReader& lines_;
  ProgressLine line_{ProgressLine::Shown::yes};
};

}  // namespace topoforge
