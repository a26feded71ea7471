#include "topoforge/codec/diagram/number_table.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "topoforge/codec/text/quote.hpp"

namespace topoforge {
namespace {

constexpr std::string_view kBlanks = " \t\r";

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

/// Takes the first field off a trimmed line.
std::string_view take_field(std::string_view& line, bool commas) {
  const std::size_t end = commas ? line.find(',') : line.find_first_of(kBlanks);
  const std::string_view field = trimmed(line.substr(0, end));
  line = end == std::string_view::npos ? std::string_view{} : trimmed(line.substr(end + 1));
  return field;
}

enum class NumberError { none, empty, text, not_finite, out_of_range };

NumberError read_number(std::string_view text, double& value) {
  if (text.empty()) return NumberError::empty;
  if (text.size() > 1 && text[0] == '+' && text[1] != '-' && text[1] != '+') text.remove_prefix(1);
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  if (read.ptr != end || read.ec == std::errc::invalid_argument) return NumberError::text;
  if (read.ec == std::errc::result_out_of_range) return NumberError::out_of_range;
  return std::isfinite(value) ? NumberError::none : NumberError::not_finite;
}

std::string describe(NumberError error, std::string_view field) {
  constexpr std::string_view kWanted = "wanted a finite number, got ";
  switch (error) {
    case NumberError::empty: return fmt::format("{}nothing", kWanted);
    case NumberError::out_of_range:
      return fmt::format("{}{}, beyond the range of a double", kWanted, quote_text(field));
    default: return fmt::format("{}{}", kWanted, quote_text(field));
  }
}

bool is_header(std::string_view line, bool commas) {
  while (!line.empty()) {
    double value = 0.0;
    const std::string_view field = take_field(line, commas);
    const NumberError error = read_number(field, value);
    if (error != NumberError::text && error != NumberError::empty) return false;
  }
  return true;
}

}  // namespace

Result<void> NumberTableReader::add_line(std::string_view line) {
  ++line_;
  line = trimmed(line.substr(0, line.find('#')));
  if (line.empty()) return {};
  const bool commas = line.find(',') != std::string_view::npos;
  if (std::exchange(header_may_come_, false) && is_header(line, commas)) return {};
  if (table_.rows.size() == kMaxTableRows) {
    return fail(ErrorCode::limit_exceeded, fmt::format("{}:{}: more than {} rows; at most {} points are allowed",
                                                       table_.name, line_, kMaxTableRows, kMaxTableRows));
  }
  NumberRow row{.line = line_, .values = {}};
  if (!table_.rows.empty()) row.values.reserve(table_.rows.back().values.size() + 1);
  while (!line.empty()) {
    if (row.values.size() == kMaxTableColumns) {
      return fail(ErrorCode::limit_exceeded,
                  fmt::format("{}:{}: more than {} numbers in a row", table_.name, line_, kMaxTableColumns));
    }
    double value = 0.0;
    const std::string_view field = take_field(line, commas);
    if (const NumberError error = read_number(field, value); error != NumberError::none) {
      return fail(ErrorCode::invalid_data, fmt::format("{}:{}: column {}: {}", table_.name, line_,
                                                       row.values.size() + 1, describe(error, field)));
    }
    row.values.push_back(value);
  }
  table_.rows.push_back(std::move(row));
  return {};
}

Result<NumberTable> NumberTableReader::finish() && {
  if (table_.rows.empty()) {
    return fail(ErrorCode::invalid_data,
                fmt::format("{}: no numbers in {} {}; wanted one row of numbers for each point", table_.name, line_,
                            line_ == 1 ? "line" : "lines"));
  }
  return std::move(table_);
}

}  // namespace topoforge
