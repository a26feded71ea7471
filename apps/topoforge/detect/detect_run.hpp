#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "topoforge/base/result.hpp"
#include "topoforge/codec/text/event_reader.hpp"
#include "topoforge/core/pipeline/pipeline.hpp"
#include "topoforge/detect/detect_options.hpp"
#include "topoforge/detect/episode_log.hpp"

/// Purpose: the rows of a file through the pipelines of their streams to whoever wants the verdicts.
/// Thread safety: one owner at a time. Memory: one pipeline a stream, at most kMaxDetectStreams.
namespace topoforge {

inline constexpr std::size_t kMaxDetectStreams = 256;

/// What is said of a row: the newest analysis of its stream, before the first one a score of 0 and a p-value of 1.
struct StandingVerdict {
  double anomaly_score = 0.0;
  double p_value = 1.0;
  bool is_anomaly = false;
  RiskLevel risk_level = RiskLevel::low;
};

/// One row of the file, judged. References last for the call.
struct JudgedRow {
  std::uint64_t row = 0;  ///< in the file, from 0
  const InputRow& input;
  const Analysis* analysis = nullptr;  ///< nullptr: none at this row
  const StandingVerdict& verdict;
  const Pipeline& pipeline;  ///< of the row's stream; its window and diagram are those of `analysis`
};

struct RunSummary {
  std::string name;  ///< of the file
  InputSummary input;
  PipelineOptions pipeline;
  std::size_t streams = 0;
  std::size_t repeated_ids = 0;    ///< events that were not counted, having an id seen before
  std::size_t imputed_values = 0;  ///< channels that an event lacked, carried forward
  std::uint64_t analyses = 0;
  std::uint64_t anomalies = 0;       ///< analyses that were anomalies
  std::uint64_t anomalous_rows = 0;  ///< rows whose standing verdict is one
  double highest_score = 0.0;
  RowPlace first;
  RowPlace last;
  RowPlace highest;  ///< where the highest score was first met
  EpisodeLog episodes;
};

/// Takes what a run finds: a writer of results, the progress line, a report.
class RunSink {
 public:
  virtual ~RunSink() = default;
  virtual Result<void> take(const JudgedRow& row) = 0;
  /// Once, after the last row of a run that gave a verdict.
  virtual Result<void> finish(const RunSummary& summary) = 0;
};

/// Reads `events` to the end. Errors: those of the reader, of the pipelines ("NAME:LINE: ...") and of the sinks;
/// limit_exceeded for too many streams; invalid_data when there were too few rows for a verdict.
Result<RunSummary> run_detection(EventReader& events, const std::string& name, const PipelineOptions& options,
                                 std::span<RunSink* const> sinks);

}  // namespace topoforge
