#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "fuzz_lines.hpp"
#include "topoforge/codec/csv/csv_event_reader.hpp"

// Any text is read to its end or refused. What was read keeps its promises, and written as a plain table it reads back
// as the same rows.

namespace topoforge {
namespace {

struct Table {
  std::vector<InputRow> rows;
  InputSummary summary;
  bool refused = false;
};

Table read(std::string_view text, const CsvOptions& options) {
  CsvEventReader reader("fuzz", lines_of(text), options);
  Table table;
  for (;;) {
    const auto row = reader.next();
    table.refused = !row;
    if (!row) require(row.error().message.starts_with("fuzz:"), "an error names the file");
    if (!row || *row == nullptr) break;
    table.rows.push_back(**row);
  }
  table.summary = reader.summary();
  return table;
}

void check(const Table& table) {
  require(table.summary.rows == table.rows.size(), "the summary counts the rows");
  std::size_t line = 0;
  for (const InputRow& row : table.rows) {
    require(validate(row.event).has_value(), "an event that was read is valid");
    require(row.event.values.size() == table.summary.channels.size(), "each row has every channel");
    require(row.line > line, "rows come in the order of their lines");
    line = row.line;
  }
}

std::string quoted_field(std::string_view text) {
  std::string field = "\"";
  for (const char c : text) field += c == '"' ? "\"\"" : std::string(1, c);
  return field + '"';
}

std::string written(const Table& table) {
  const bool timed = !table.summary.timestamp_column.empty();
  // The column of text keeps names that look like numbers from being taken for data.
  std::string text = "\"text\"";
  if (timed) text += ',' + quoted_field(table.summary.timestamp_column);
  for (const std::string& channel : table.summary.channels) text += ',' + quoted_field(channel);
  for (const InputRow& row : table.rows) {
    text += "\n\"x\"";
    if (timed) text += ',' + quoted_field(row.timestamp);
    for (const Measurement& measurement : row.event.values) text += fmt::format(",{}", measurement.value);
  }
  return text + '\n';
}

void fuzz(std::string_view text) {
  if (text.empty()) return;
  CsvOptions options;
  if ((text[0] & 1) != 0) options.invalid_values = InvalidValues::missing;
  text.remove_prefix(1);
  const Table table = read(text, options);
  check(table);
  // "text" would stand twice, or a channel of that name would be the column beside it.
  bool names_text = table.summary.timestamp_column == "text";
  for (const std::string& channel : table.summary.channels) names_text = names_text || channel == "text";
  if (table.rows.empty() || names_text) return;

  options.timestamp_column =
      table.summary.timestamp_column.empty() ? std::string(kNoColumn) : table.summary.timestamp_column;
  options.channels = table.summary.channels;
  if (table.summary.timestamp_column == kNoColumn) return;
  const Table again = read(written(table), options);
  require(!again.refused, "a written table is read");
  require(again.rows.size() == table.rows.size(), "a written table has as many rows");
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    require(again.rows[i].event == table.rows[i].event, "a written event reads back as the same");
    require(again.rows[i].timestamp == table.rows[i].timestamp, "a written time reads back as the same");
  }
}

}  // namespace
}  // namespace topoforge

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  topoforge::fuzz({reinterpret_cast<const char*>(data), size});
  return 0;
}
