#pragma once

#include <chrono>
#include <cstdint>

#include "topoforge/adapters/file/line_reader.hpp"
#include "topoforge/detect/detect_run.hpp"

/// Purpose: a line on the terminal's standard error that shows how far a run has come. Thread safety: one owner.
namespace topoforge {

class Progress final : public RunSink {
 public:
  /// lines must outlive it.
  explicit Progress(const LineReader& lines);
  /// Wipes the line.
  ~Progress() override;
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  Result<void> take(const JudgedRow& row) override;
  Result<void> finish(const RunSummary& summary) override;

 private:
  using Clock = std::chrono::steady_clock;
  void draw(std::uint64_t rows, Clock::time_point now);
  void wipe();

  const LineReader& lines_;
  Clock::time_point began_;
  Clock::time_point drawn_;
  bool shown_ = false;
};

}  // namespace topoforge
