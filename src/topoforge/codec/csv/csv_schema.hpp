#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "topoforge/base/result.hpp"
#include "topoforge/codec/text/event_reader.hpp"

/// Purpose: which columns of a CSV file are the time and the channels. Thread safety: pure.
namespace topoforge {

struct CsvOptions {
  std::string timestamp_column;       ///< empty: found by name or content; kNoColumn: none
  std::vector<std::string> channels;  ///< empty: every number column that is left
  std::string label_column;           ///< left out of the channels; empty: columns of the names in is_label_name()
  InvalidValues invalid_values = InvalidValues::error;
  std::string source;  ///< of the events' stream
};
inline constexpr std::string_view kNoColumn = "none";

struct CsvSchema {
  std::vector<std::string> columns;      ///< all names
  std::optional<std::size_t> timestamp;  ///< column of the time
  std::vector<std::size_t> channels;     ///< columns of the channels, in the order of the file or of the option
  std::vector<std::string> notes;        ///< what was chosen and left out, one sentence each
};

using CsvRecord = std::vector<std::string>;

/// The column names of a first record that is a header, or nothing when it is data already (every cell that is not
/// empty is a number or an ISO 8601 time, one at least a number). Errors: invalid_data for a name that stands twice or
/// is no UTF-8, limit_exceeded for one longer than kMaxNameBytes. Column i without a name is called "c<i>".
Result<std::optional<std::vector<std::string>>> read_header(std::span<const std::string> first_record);

/// "c0", "c1", ...
std::vector<std::string> numbered_columns(std::size_t count);

/// timestamp, time, datetime, date, ts, epoch, ... in any case.
bool is_timestamp_name(std::string_view name);
/// label, labels, anomaly, is_anomaly in any case.
bool is_label_name(std::string_view name);

/// Whether the cell shows nothing of its column's kind: it is blank or, where invalid values are missing ones, broken.
bool is_missing_cell(std::string_view cell, InvalidValues invalid_values);

/// samples: the first records, each with as many fields as there are columns. The first cell of a column that is not
/// missing shows its kind. `unnamed_first`: the header had no name for column 0 (an index as pandas writes it).
/// Errors: not_found for a column that an option names and the file lacks (the message lists the columns),
/// invalid_data when no channel is left, limit_exceeded for more than kMaxChannels.
Result<CsvSchema> choose_columns(std::vector<std::string> columns, bool unnamed_first,
                                 std::span<const CsvRecord> samples, const CsvOptions& options);

}  // namespace topoforge
