#include "topoforge/codec/csv/csv_event_reader.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "topoforge/codec/text/number.hpp"
#include "topoforge/codec/text/quote.hpp"

namespace topoforge {

CsvEventReader::CsvEventReader(std::string name, NextLine next_line, CsvOptions options)
    : name_(std::move(name)), next_line_(std::move(next_line)), options_(std::move(options)) {
  row_.event.stream.source = options_.source;
}

tl::unexpected<Error> CsvEventReader::refuse(std::size_t line, Error error) const {
  error.message =
      line == 0 ? fmt::format("{}: {}", name_, error.message) : fmt::format("{}:{}: {}", name_, line, error.message);
  return tl::unexpected<Error>(std::move(error));
}

/// Reads one record that is not blank into the splitter; false at the end of the text.
Result<bool> CsvEventReader::read_record() {
  for (;;) {
    const auto line = next_line_();
    if (!line) return tl::unexpected(line.error());
    if (!*line) {
      if (!splitter_.inside_quotes()) return false;
      return refuse(record_line_, {ErrorCode::invalid_data, fmt::format("the quote that opens field {} is not closed "
                                                                        "before the end of the file",
                                                                        splitter_.fields().size())});
    }
    if (++line_ == 1) splitter_ = CsvSplitter(guess_delimiter(**line));
    if (!splitter_.inside_quotes()) {
      record_line_ = line_;
      if (trimmed(**line).empty()) {
        summary_.blank_lines.add(line_);
        continue;
      }
    }
    const auto whole = splitter_.add_line(**line);
    if (!whole) return refuse(record_line_, whole.error());
    if (*whole) return true;
  }
}

/// Reads one record and keeps it for later; false at the end of the text.
Result<bool> CsvEventReader::hold_record() {
  const auto read = read_record();
  if (!read || !*read) return read;
  const auto fields = splitter_.fields();
  held_.emplace_back(fields.begin(), fields.end());
  held_lines_.push_back(record_line_);
  return true;
}

Result<void> CsvEventReader::read_header_record() {
  const auto first = hold_record();
  if (!first) return tl::unexpected(first.error());
  if (!*first) {
    return refuse(0, {ErrorCode::invalid_data, fmt::format("the file {}; wanted a header and rows of numbers",
                                                           line_ == 0 ? "is empty" : "has blank lines only")});
  }
  auto header = read_header(held_[0]);
  if (!header) return refuse(record_line_, header.error());
  if (*header) {
    columns_ = std::move(**header);
    unnamed_first_ = trimmed(held_[0][0]).empty();
    held_.clear();
    held_lines_.clear();
  } else {
    columns_ = numbered_columns(held_[0].size());
    summary_.notes.emplace_back("the first row is data, not names; the columns are called c0, c1, ...");
  }
  for (const std::string& column : columns_) {
    const auto& named = options_.channels;
    asked_for_.push_back(std::find(named.begin(), named.end(), column) != named.end());
  }
  return {};
}

/// Whether a later row may show a value of the column that this cell does not.
bool CsvEventReader::may_still_show(std::size_t column, std::string_view cell) const {
  if (is_missing_cell(cell, options_.invalid_values)) return true;
  return asked_for_[column] && options_.invalid_values == InvalidValues::missing && !parse_number(cell);
}

/// Reads on until each column has shown a value, and returns the number of rows that the columns are chosen from: all
/// that are held, or those before one that is ragged (convert() refuses it when its turn comes).
Result<std::size_t> CsvEventReader::hold_leading_rows() {
  std::vector<bool> shown(columns_.size(), false);
  std::size_t columns_shown = 0;
  std::size_t bytes = 0;
  for (std::size_t i = 0;; ++i) {
    if (i == held_.size()) {
      const bool enough = columns_shown == columns_.size() || i >= kMaxLeadingRows || bytes > kMaxLeadingBytes;
      if (i > 0 && enough) return i;
      const auto held = hold_record();
      if (!held) return tl::unexpected(held.error());
      if (!*held) return i;
    }
    const CsvRecord& fields = held_[i];
    if (fields.size() != columns_.size()) return i;
    for (std::size_t column = 0; column < fields.size(); ++column) {
      bytes += fields[column].size() + sizeof(std::string);
      if (shown[column] || may_still_show(column, fields[column])) continue;
      shown[column] = true;
      ++columns_shown;
    }
  }
}

/// The first value of each channel stands in until it comes.
Result<void> CsvEventReader::take_first_values(std::span<const CsvRecord> samples) {
  for (const std::size_t column : schema_.channels) {
    std::optional<double> first;
    for (std::size_t i = 0; i < samples.size() && !first; ++i) {
      first = parse_number(samples[i][column]);
      if (!first && !may_still_show(column, samples[i][column])) {
        return refuse_cell(held_lines_[i], column, samples[i][column]);
      }
    }
    if (!first) {
      return refuse(
          0, {ErrorCode::invalid_data, fmt::format("column {} ({}) has no number in the first {} rows; wanted one",
                                                   quote_text(columns_[column]), column + 1, samples.size())});
    }
    row_.event.values.push_back({columns_[column], *first});
    summary_.channels.push_back(columns_[column]);
  }
  return {};
}

Result<void> CsvEventReader::start() {
  started_ = true;
  if (const auto header = read_header_record(); !header) return header;
  const auto count = hold_leading_rows();
  if (!count) return tl::unexpected(count.error());
  if (held_.empty()) {
    return refuse(0, {ErrorCode::invalid_data, "there is a header and no row below it; wanted rows of numbers"});
  }
  if (*count == 0) return convert(held_[0], held_lines_[0]).map([](const InputRow*) {});
  const std::span<const CsvRecord> samples(held_.data(), *count);
  auto schema = choose_columns(columns_, unnamed_first_, samples, options_);
  if (!schema) return refuse(0, schema.error());
  schema_ = std::move(*schema);
  summary_.notes.insert(summary_.notes.end(), schema_.notes.begin(), schema_.notes.end());
  if (schema_.timestamp) summary_.timestamp_column = columns_[*schema_.timestamp];
  return take_first_values(samples);
}

Result<const InputRow*> CsvEventReader::next() {
  if (!started_) {
    if (const auto started = start(); !started) return tl::unexpected(started.error());
  }
  if (next_held_ < held_.size()) {
    const std::size_t held = next_held_++;
    return convert(held_[held], held_lines_[held]);
  }
  if (!held_.empty()) {
    held_ = {};
    held_lines_ = {};
    next_held_ = 0;
  }
  const auto read = read_record();
  if (!read) return tl::unexpected(read.error());
  if (!*read) return nullptr;
  return convert(splitter_.fields(), record_line_);
}

Result<const InputRow*> CsvEventReader::convert(std::span<const std::string> fields, std::size_t line) {
  if (fields.size() != columns_.size()) {
    return refuse(line, {ErrorCode::invalid_data,
                         fmt::format("the row has {} fields; wanted {}, as many as the {}", fields.size(),
                                     columns_.size(), summary_.rows == 0 ? "header" : "rows before it")});
  }
  row_.line = line;
  row_.timestamp.clear();
  row_.event.timestamp.reset();
  if (schema_.timestamp) {
    if (const auto done = convert_time(fields[*schema_.timestamp], line); !done) return tl::unexpected(done.error());
  }
  for (std::size_t channel = 0; channel < schema_.channels.size(); ++channel) {
    const auto done = convert_channel(channel, fields[schema_.channels[channel]], line);
    if (!done) return tl::unexpected(done.error());
  }
  ++summary_.rows;
  return &row_;
}

Result<void> CsvEventReader::convert_channel(std::size_t channel, std::string_view cell, std::size_t line) {
  if (const auto number = parse_number(cell)) {
    row_.event.values[channel].value = *number;
  } else if (trimmed(cell).empty()) {
    summary_.missing_values.add(line);
  } else if (options_.invalid_values == InvalidValues::missing) {
    summary_.invalid_values.add(line);
  } else {
    return refuse_cell(line, schema_.channels[channel], std::string(cell));
  }
  return {};
}

Result<void> CsvEventReader::convert_time(const std::string& cell, std::size_t line) {
  row_.timestamp = cell;
  if (trimmed(cell).empty()) {
    summary_.missing_timestamps.add(line);
    return {};
  }
  const auto time = times_.read(cell);
  if (!time) {
    return refuse(line, {time.error().code, fmt::format("column {} ({}): {}", quote_text(summary_.timestamp_column),
                                                        *schema_.timestamp + 1, time.error().message)});
  }
  if (summary_.rows == 0 && time->shape == TimeShape::text) {
    summary_.notes.push_back(
        fmt::format("the times of column {} are kept as text and not read: {} is neither ISO 8601 "
                    "nor a number",
                    quote_text(summary_.timestamp_column), quote_text(cell)));
  }
  row_.event.timestamp = time->time;
  if (previous_order_ && time->order) {
    if (*time->order < *previous_order_) summary_.out_of_order.add(line);
    if (*time->order == *previous_order_) summary_.repeated_timestamps.add(line);
  }
  previous_order_ = time->order;
  return {};
}

tl::unexpected<Error> CsvEventReader::refuse_cell(std::size_t line, std::size_t column, const std::string& cell) const {
  const bool broken = is_broken_number(cell);
  return refuse(line, {ErrorCode::invalid_data,
                       fmt::format("column {} ({}): {} is not a {}; wanted a finite number (an empty cell is a missing "
                                   "value, carried forward)",
                                   quote_text(columns_[column]), column + 1, quote_text(cell),
                                   broken ? "finite number" : "number")});
}

}  // namespace topoforge
