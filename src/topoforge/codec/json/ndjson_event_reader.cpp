#include "topoforge/codec/json/ndjson_event_reader.hpp"

#include <utility>

#include <fmt/format.h>

#include "topoforge/codec/json/event_json.hpp"
#include "topoforge/codec/text/number.hpp"
#include "topoforge/codec/text/timestamp.hpp"

namespace topoforge {

NdjsonEventReader::NdjsonEventReader(std::string name, NextLine next_line, std::string default_source)
    : name_(std::move(name)), next_line_(std::move(next_line)), default_source_(std::move(default_source)) {}

Result<const InputRow*> NdjsonEventReader::next() {
  for (;;) {
    const auto line = next_line_();
    if (!line) return tl::unexpected(line.error());
    if (!*line) break;
    ++line_;
    if (!trimmed(**line).empty()) return convert(**line);
    summary_.blank_lines.add(line_);
  }
  if (summary_.rows > 0) return nullptr;
  return fail(ErrorCode::invalid_data, fmt::format("{}: the file {}; wanted one JSON event a line", name_,
                                                   line_ == 0 ? "is empty" : "has blank lines only"));
}

Result<const InputRow*> NdjsonEventReader::convert(std::string_view text) {
  auto event = parse_event(text);
  if (!event) return fail(event.error().code, fmt::format("{}:{}: {}", name_, line_, event.error().message));
  row_.event = std::move(*event);
  if (row_.event.stream.source.empty()) row_.event.stream.source = default_source_;
  row_.line = line_;
  row_.timestamp = row_.event.timestamp ? format_timestamp(*row_.event.timestamp) : std::string();
  if (summary_.rows == 0) {
    for (const Measurement& measurement : row_.event.values) summary_.channels.push_back(measurement.channel);
    if (row_.event.timestamp) summary_.timestamp_column = "timestamp";
  }
  count_order();
  ++summary_.rows;
  return &row_;
}

void NdjsonEventReader::count_order() {
  const auto& time = row_.event.timestamp;
  if (!time) {
    if (!summary_.timestamp_column.empty()) summary_.missing_timestamps.add(line_);
    return;
  }
  if (previous_ && *time < *previous_) summary_.out_of_order.add(line_);
  if (previous_ && *time == *previous_) summary_.repeated_timestamps.add(line_);
  previous_ = time;
}

}  // namespace topoforge
