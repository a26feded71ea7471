#include "topoforge/detect/report_sink.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "topoforge/codec/report/report_builder.hpp"
#include "topoforge/detect/result_writers.hpp"

namespace topoforge {
namespace {

ReportPlace place_of(const RowPlace& place) { return {.row = place.row, .timestamp = place.timestamp}; }

std::string stream_name(const StreamKey& stream) {
  return stream.entity.empty() ? stream.source : fmt::format("{} / {}", stream.source, stream.entity);
}

std::vector<std::pair<std::string, std::string>> options_in_words(const RunSummary& summary) {
  const PipelineOptions& options = summary.pipeline;
  std::vector<std::pair<std::string, std::string>> words = {
      {"Window", fmt::format("{} rows", options.window)},
      {"Stride", options.stride == 1 ? "every row" : fmt::format("every {} rows", options.stride)},
      {"Calibration", options.calibration_events == 0 ? "the first window, then clean windows after it"
                                                      : fmt::format("the first {} rows", options.calibration_events)},
      {"Homology", fmt::format("exact, dimensions 0 to {}", options.max_dimension)},
      {"Threshold", fmt::format("{}", options.threshold)},
      {"Seed", fmt::format("{}", options.seed)},
      {"Channels", fmt::format("{}", summary.input.channels.size())},
      {"Time column", summary.input.timestamp_column.empty() ? "none" : summary.input.timestamp_column},
  };
  if (summary.streams > 1) words.emplace_back("Streams", fmt::format("{}, drawn together", summary.streams));
  return words;
}

/// The strongest episodes in order of their start.
void add_episodes(DetectionReport& report, const RunSummary& summary) {
  std::vector<const EpisodeRecord*> records;
  for (const EpisodeRecord& record : summary.episodes.listed()) records.push_back(&record);
  std::stable_sort(records.begin(), records.end(),
                   [](const EpisodeRecord* left, const EpisodeRecord* right) { return left->score > right->score; });
  records.resize(std::min(records.size(), kMaxReportEpisodes));
  std::stable_sort(records.begin(), records.end(), [](const EpisodeRecord* left, const EpisodeRecord* right) {
    return left->start.row < right->start.row;
  });
  for (const EpisodeRecord* record : records) {
    report.episodes.push_back({.stream = summary.streams > 1 ? stream_name(record->stream) : "",
                               .start = place_of(record->start),
                               .peak = place_of(record->peak),
                               .end = place_of(record->end),
                               .alarms = record->alarms,
                               .open = record->open,
                               .peak_score = record->score,
                               .risk_level = record->risk_level});
  }
  report.episodes_left_out = summary.episodes.total() - records.size();
}

class ReportSink : public RunSink {
 public:
  explicit ReportSink(OutputFile& output) : output_(output) {}

  Result<void> take(const JudgedRow& row) override {
    const ReportPlace place{.row = row.row, .timestamp = row.input.timestamp};
    builder_.add_row(place, row.input.event, row.analysis);
    if (row.analysis != nullptr && builder_.wants_window(*row.analysis)) {
      builder_.add_window({.newest = place,
                           .stream = stream_name(row.analysis->stream),
                           .analysis = *row.analysis,
                           .diagram = row.pipeline.diagram(),
                           .channels = row.pipeline.channels(),
                           .values = row.pipeline.window()});
    }
    return {};
  }

  Result<void> finish(const RunSummary& summary) override {
    DetectionReport report = builder_.report();
    report.file_name = std::filesystem::path(summary.name).filename().string();
    report.options = options_in_words(summary);
    report.notes = input_notes(summary);
    report.threshold = summary.pipeline.threshold;
    add_episodes(report, summary);
    if (summary.streams == 1) {
      for (ReportWindow& window : report.windows) window.stream.clear();
    }
    return output_.write(detection_report_html(report));
  }

 private:
  OutputFile& output_;
  ReportBuilder builder_;
};

}  // namespace

std::unique_ptr<RunSink> make_report_sink(OutputFile& output) { return std::make_unique<ReportSink>(output); }

}  // namespace topoforge
