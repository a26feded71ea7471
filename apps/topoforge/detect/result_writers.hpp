#pragma once

#include <memory>
#include <string>
#include <vector>

#include "topoforge/adapters/file/output_file.hpp"
#include "topoforge/detect/detect_run.hpp"

/// Purpose: the verdicts of a run as text, one writer a format. Thread safety: one owner at a time.
///
///   csv     one row a row of the input: row,timestamp,anomaly_score,p_value,is_anomaly,risk_level. Rows that no
///           analysis was made for (--stride) have the verdict of the newest one, those before the first one 0,1,0,Low.
///   ndjson  one object an analysis: the row, its time as it stands in the file, and what analysis_to_json() says.
///   table   for people: the input, the episodes, a summary.
///   json    one document with the same.
namespace topoforge {

struct WriterOptions {
  ResultFormat format = ResultFormat::table;
  bool at_once = false;  ///< each row is handed to the system as it comes: the input is a live stream
  bool colour = false;   ///< table alone
};

/// output must outlive the writer. The writer does not commit it.
std::unique_ptr<RunSink> make_result_writer(OutputFile& output, const WriterOptions& options);

/// The sentences in which every format tells how the input was read: choices, missing values, order of time, ...
std::vector<std::string> input_notes(const RunSummary& summary);

/// "3 episodes, 120 anomalous rows of 1,147; highest score 0.93 at row 612"
std::string one_line_summary(const RunSummary& summary);

/// Two of the four, each in a file of its own.
std::string table_text(const RunSummary& summary, bool colour);
std::string json_text(const RunSummary& summary);

}  // namespace topoforge
