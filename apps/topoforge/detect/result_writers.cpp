#include "topoforge/detect/result_writers.hpp"

#include <iterator>
#include <utility>

#include <fmt/format.h>
#include <boost/json/object.hpp>

#include "topoforge/codec/csv/csv_splitter.hpp"
#include "topoforge/codec/json/analysis_json.hpp"
#include "topoforge/codec/json/json_text.hpp"
#include "topoforge/codec/text/quote.hpp"
#include "topoforge/detect/figures.hpp"

namespace topoforge {
namespace {

/// Rows before the first verdict wait up to here, so that a run without any leaves no rows that look like verdicts.
constexpr std::size_t kMaxWaitingBytes = 16 << 20;

class CsvWriter final : public RunSink {
 public:
  CsvWriter(OutputFile& output, bool at_once)
      : output_(output), at_once_(at_once), waiting_("row,timestamp,anomaly_score,p_value,is_anomaly,risk_level\n") {}

  Result<void> take(const JudgedRow& row) override {
    judged_ = judged_ || row.analysis != nullptr;
    fmt::format_to(std::back_inserter(waiting_), "{},{},{},{},{},{}\n", row.row, csv_field(row.input.timestamp),
                   row.verdict.anomaly_score, row.verdict.p_value, row.verdict.is_anomaly ? 1 : 0,
                   to_string(row.verdict.risk_level));
    if (!judged_ && waiting_.size() < kMaxWaitingBytes) return {};
    if (auto written = output_.write(waiting_); !written) return written;
    waiting_.clear();
    return at_once_ ? output_.flush() : Result<void>{};
  }

  Result<void> finish(const RunSummary&) override { return output_.write(waiting_); }

 private:
  OutputFile& output_;
  bool at_once_;
  bool judged_ = false;
  std::string waiting_;
};

class NdjsonWriter final : public RunSink {
 public:
  NdjsonWriter(OutputFile& output, bool at_once) : output_(output), at_once_(at_once) {}

  Result<void> take(const JudgedRow& row) override {
    if (row.analysis == nullptr) return {};
    boost::json::object line;
    line["row"] = row.row;
    line["row_timestamp"] = row.input.timestamp;
    boost::json::value analysis = analysis_to_json(*row.analysis);
    for (auto& member : analysis.as_object()) line[member.key()] = std::move(member.value());
    if (auto written = output_.write(print_json(line) + "\n"); !written) return written;
    return at_once_ ? output_.flush() : Result<void>{};
  }

  Result<void> finish(const RunSummary&) override { return {}; }

 private:
  OutputFile& output_;
  bool at_once_;
};

/// Formats that say everything at the end.
class SummaryWriter final : public RunSink {
 public:
  SummaryWriter(OutputFile& output, bool table, bool colour) : output_(output), table_(table), colour_(colour) {}

  Result<void> take(const JudgedRow&) override { return {}; }
  Result<void> finish(const RunSummary& summary) override {
    return output_.write(table_ ? table_text(summary, colour_) : json_text(summary));
  }

 private:
  OutputFile& output_;
  bool table_;
  bool colour_;
};

void note_count(std::vector<std::string>& notes, const LineCount& count, std::string_view one, std::string_view many) {
  if (count.count == 0) return;
  notes.push_back(fmt::format("{} {}, the first in line {}", with_commas(count.count), count.count == 1 ? one : many,
                              with_commas(count.first_line)));
}

}  // namespace

std::unique_ptr<RunSink> make_result_writer(OutputFile& output, const WriterOptions& options) {
  switch (options.format) {
    case ResultFormat::csv: return std::make_unique<CsvWriter>(output, options.at_once);
    case ResultFormat::ndjson: return std::make_unique<NdjsonWriter>(output, options.at_once);
    case ResultFormat::table: return std::make_unique<SummaryWriter>(output, true, options.colour);
    case ResultFormat::json: return std::make_unique<SummaryWriter>(output, false, false);
  }
  return nullptr;
}

std::vector<std::string> input_notes(const RunSummary& summary) {
  const InputSummary& input = summary.input;
  std::vector<std::string> notes = input.notes;
  note_count(notes, input.missing_values, "empty cell was taken as the value before it",
             "empty cells were taken as the value before them");
  note_count(notes, input.invalid_values, "value that is no number was taken as missing",
             "values that are no numbers were taken as missing");
  note_count(notes, input.missing_timestamps, "row has no time", "rows have no time");
  note_count(notes, input.out_of_order, "row is earlier than the row before it and kept the order of the file",
             "rows are earlier than the row before them and kept the order of the file");
  note_count(notes, input.repeated_timestamps, "row has the time of the row before it",
             "rows have the time of the row before them");
  note_count(notes, input.blank_lines, "blank line was skipped", "blank lines were skipped");
  if (summary.imputed_values > 0) {
    notes.push_back(
        fmt::format("{} values that events lacked were carried forward", with_commas(summary.imputed_values)));
  }
  if (summary.repeated_ids > 0) {
    notes.push_back(
        fmt::format("{} events with an id seen before were not counted", with_commas(summary.repeated_ids)));
  }
  if (summary.streams > 1) {
    notes.push_back(fmt::format("{} streams (source and entity) were judged each by itself", summary.streams));
  }
  return notes;
}

std::string one_line_summary(const RunSummary& summary) {
  const std::size_t episodes = summary.episodes.total();
  return fmt::format("{} {}, {} anomalous {} of {}; highest score {:.3f} at row {}", with_commas(episodes),
                     episodes == 1 ? "episode" : "episodes", with_commas(summary.anomalous_rows),
                     summary.anomalous_rows == 1 ? "row" : "rows", with_commas(summary.input.rows),
                     summary.highest_score, with_commas(summary.highest.row));
}

}  // namespace topoforge
