#include "topoforge/codec/diagram/number_table.hpp"

#include <utility>

#include <fmt/format.h>

#include "topoforge/codec/text/number.hpp"
#include "topoforge/codec/text/quote.hpp"
#include "topoforge/core/event/event.hpp"

namespace topoforge {
namespace {

/// Takes the first field off a trimmed line.
std::string_view take_field(std::string_view& line, bool commas) {
  const std::size_t end = commas ? line.find(',') : line.find_first_of(" \t");
  const std::string_view field = trimmed(line.substr(0, end));
  line = end == std::string_view::npos ? std::string_view{} : trimmed(line.substr(end + 1));
  return field;
}

bool is_header(std::string_view line, bool commas) {
  while (!line.empty()) {
    const std::string_view field = take_field(line, commas);
    if (parse_number(field) || is_broken_number(field)) return false;
  }
  return true;
}

}  // namespace

Result<std::optional<NumberRow>> NumberRowReader::read_line(std::string_view line) {
  ++line_;
  line = trimmed(line.substr(0, line.find('#')));
  if (line.empty()) return std::nullopt;
  const bool commas = line.find(',') != std::string_view::npos;
  if (std::exchange(header_may_come_, false) && is_header(line, commas)) return std::nullopt;
  NumberRow row{.line = line_, .values = {}};
  row.values.reserve(columns_);
  while (!line.empty()) {
    if (row.values.size() == kMaxTableColumns) {
      return fail(ErrorCode::limit_exceeded,
                  fmt::format("{}:{}: more than {} numbers in a row", name_, line_, kMaxTableColumns));
    }
    const std::string_view field = take_field(line, commas);
    const auto value = parse_number(field);
    if (!value) {
      return fail(ErrorCode::invalid_data,
                  fmt::format("{}:{}: column {}: wanted a number of magnitude at most {}, got {}", name_, line_,
                              row.values.size() + 1, kMaxAbsoluteValue, field.empty() ? "nothing" : quote_text(field)));
    }
    row.values.push_back(*value);
  }
  columns_ = row.values.size() + 1;  // of a triangle, the next row has one more
  return row;
}

Result<void> NumberTableReader::add_line(std::string_view line) {
  auto row = rows_.read_line(line);
  if (!row) return tl::unexpected(std::move(row.error()));
  if (!*row) return {};
  if (table_.rows.size() == kMaxTableRows) {
    return fail(ErrorCode::limit_exceeded, fmt::format("{}:{}: more than {} rows; at most {} points are allowed",
                                                       table_.name, rows_.lines(), kMaxTableRows, kMaxTableRows));
  }
  table_.rows.push_back(std::move(**row));
  return {};
}

Result<NumberTable> NumberTableReader::finish() && {
  if (table_.rows.empty()) {
    return fail(ErrorCode::invalid_data,
                fmt::format("{}: no numbers in {} {}; wanted one row of numbers for each point", table_.name,
                            rows_.lines(), rows_.lines() == 1 ? "line" : "lines"));
  }
  return std::move(table_);
}

}  // namespace topoforge
