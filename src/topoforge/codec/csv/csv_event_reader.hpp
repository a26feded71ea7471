#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "topoforge/codec/csv/csv_schema.hpp"
#include "topoforge/codec/csv/csv_splitter.hpp"
#include "topoforge/codec/csv/time_column.hpp"
#include "topoforge/codec/text/event_reader.hpp"

/// Purpose: the rows of a CSV file as events. Source: RFC 4180. Thread safety: one owner at a time.
///
/// The delimiter (comma, semicolon or tab) is told by the first line, the header by its text, the columns by
/// choose_columns(). Blank lines are skipped and counted. A row with more or fewer fields than the header is an error.
/// An empty cell of a channel is a missing value: the value before it stands in for it; before a channel's first value,
/// its first one does, for which at most kMaxLeadingRows rows are held. Rows keep the order of the file; those out of
/// the order of time are counted.
namespace topoforge {

inline constexpr std::size_t kMaxLeadingRows = 4096;
inline constexpr std::size_t kMaxLeadingBytes = 16 << 20;

class CsvEventReader final : public EventReader {
 public:
  /// name: of the file, for messages.
  CsvEventReader(std::string name, NextLine next_line, CsvOptions options);

  Result<const InputRow*> next() override;
  [[nodiscard]] const InputSummary& summary() const override { return summary_; }

 private:
  Result<bool> read_record();
  Result<bool> hold_record();
  Result<void> start();
  Result<void> read_header_record();
  Result<std::size_t> hold_leading_rows();
  Result<void> take_first_values(std::span<const CsvRecord> samples);
  [[nodiscard]] bool may_still_show(std::size_t column, std::string_view cell) const;

  Result<const InputRow*> convert(std::span<const std::string> fields, std::size_t line);
  Result<void> convert_channel(std::size_t channel, std::string_view cell, std::size_t line);
  Result<void> convert_time(const std::string& cell, std::size_t line);
  [[nodiscard]] tl::unexpected<Error> refuse(std::size_t line, Error error) const;
  [[nodiscard]] tl::unexpected<Error> refuse_cell(std::size_t line, std::size_t column, const std::string& cell) const;

  std::string name_;
  NextLine next_line_;
  CsvOptions options_;
  CsvSplitter splitter_;
  std::size_t line_ = 0;         // read last
  std::size_t record_line_ = 0;  // on which the record in the splitter begins

  bool started_ = false;
  std::vector<std::string> columns_;
  std::vector<bool> asked_for_;  // columns that are channels by option
  bool unnamed_first_ = false;
  CsvSchema schema_;
  std::vector<CsvRecord> held_;  // read before the schema was known
  std::vector<std::size_t> held_lines_;
  std::size_t next_held_ = 0;

  TimeColumn times_;
  std::optional<double> previous_order_;
  InputRow row_;
  InputSummary summary_;
};

}  // namespace topoforge
