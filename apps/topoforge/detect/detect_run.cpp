#include "topoforge/detect/detect_run.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

namespace topoforge {
namespace {

struct StreamState {
  explicit StreamState(const PipelineOptions& options) : pipeline(options) {}

  Pipeline pipeline;
  StandingVerdict verdict;
  std::size_t events = 0;
};

class Run {
 public:
  Run(EventReader& events, const std::string& name, const PipelineOptions& options, std::span<RunSink* const> sinks)
      : events_(events), sinks_(sinks) {
    summary_.name = name;
    summary_.pipeline = options;
  }

  Result<RunSummary> run() {
    for (std::uint64_t row = 0;; ++row) {
      const auto input = events_.next();
      if (!input) return tl::unexpected(input.error());
      if (*input == nullptr) break;
      if (const auto done = judge(row, **input); !done) return tl::unexpected(done.error());
    }
    summary_.input = events_.summary();
    summary_.streams = streams_.size();
    if (summary_.analyses == 0) return too_few_rows();
    summary_.episodes.finish();
    for (RunSink* sink : sinks_) {
      if (const auto done = sink->finish(summary_); !done) return tl::unexpected(done.error());
    }
    return std::move(summary_);
  }

 private:
  Result<StreamState*> stream_of(const InputRow& input) {
    // Most files have one stream, and most rows that of the row before.
    if (newest_ != nullptr && newest_->first == input.event.stream) return &newest_->second;
    auto at = streams_.find(input.event.stream);
    if (at == streams_.end()) {
      if (streams_.size() == kMaxDetectStreams) {
        return fail(ErrorCode::limit_exceeded,
                    fmt::format("{}:{}: more than {} streams (source and entity) in one file", summary_.name,
                                input.line, kMaxDetectStreams));
      }
      at = streams_.try_emplace(input.event.stream, summary_.pipeline).first;
    }
    newest_ = &*at;
    return &at->second;
  }

  Result<void> judge(std::uint64_t row, const InputRow& input) {
    const auto stream = stream_of(input);
    if (!stream) return tl::unexpected(stream.error());
    auto outcome = (*stream)->pipeline.push(input.event);
    if (!outcome) {
      return fail(outcome.error().code, fmt::format("{}:{}: {}", summary_.name, input.line, outcome.error().message));
    }
    summary_.imputed_values += outcome->imputed;
    if (outcome->duplicate) {
      ++summary_.repeated_ids;
    } else {
      ++(*stream)->events;
    }
    const Analysis* analysis = outcome->analysis ? &*outcome->analysis : nullptr;
    if (analysis != nullptr) count(row, input, *analysis, **stream);
    if ((*stream)->verdict.is_anomaly) ++summary_.anomalous_rows;
    if (row == 0) summary_.first = {row, input.timestamp};
    summary_.last = {row, input.timestamp};
    const JudgedRow judged{row, input, analysis, (*stream)->verdict, (*stream)->pipeline};
    for (RunSink* sink : sinks_) {
      if (auto done = sink->take(judged); !done) return done;
    }
    return {};
  }

  void count(std::uint64_t row, const InputRow& input, const Analysis& analysis, StreamState& stream) {
    stream.verdict = {analysis.anomaly_score, analysis.p_value, analysis.is_anomaly, analysis.risk_level};
    if (summary_.analyses++ == 0 || analysis.anomaly_score > summary_.highest_score) {
      summary_.highest_score = analysis.anomaly_score;
      summary_.highest = {row, input.timestamp};
    }
    if (analysis.is_anomaly) ++summary_.anomalies;
    summary_.episodes.update(row, input, analysis);
  }

  tl::unexpected<Error> too_few_rows() const {
    std::size_t most = 0;
    for (const auto& [key, stream] : streams_) most = std::max(most, stream.events);
    const PipelineOptions& options = summary_.pipeline;
    const bool trains = options.calibration_events > 0;
    return fail(ErrorCode::invalid_data,
                fmt::format("{}: {} rows{}, too few for a verdict; wanted at least {} ({} {})", summary_.name, most,
                            streams_.size() > 1 ? fmt::format(" in the longest of {} streams", streams_.size()) : "",
                            trains ? options.calibration_events : options.window, trains ? "--train-rows" : "--window",
                            trains ? options.calibration_events : options.window));
  }

  EventReader& events_;
  std::span<RunSink* const> sinks_;
  std::map<StreamKey, StreamState> streams_;
  std::map<StreamKey, StreamState>::value_type* newest_ = nullptr;
  RunSummary summary_;
};

}  // namespace

Result<RunSummary> run_detection(EventReader& events, const std::string& name, const PipelineOptions& options,
                                 std::span<RunSink* const> sinks) {
  return Run(events, name, options, sinks).run();
}

}  // namespace topoforge
