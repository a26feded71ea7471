#include "topoforge/codec/csv/csv_splitter.hpp"

#include <array>

#include <fmt/format.h>

namespace topoforge {

void CsvSplitter::begin_field() {
  if (count_ == fields_.size()) fields_.emplace_back();
  fields_[count_++].clear();
}

Result<bool> CsvSplitter::add_line(std::string_view line) {
  if (inside_quotes_) {
    fields_[count_ - 1] += '\n';
  } else {
    count_ = record_lines_ = record_bytes_ = 0;
    begin_field();
  }
  record_bytes_ += line.size() + 1;
  if (++record_lines_ > kMaxRecordLines || record_bytes_ > kMaxRecordBytes + 1) {
    return fail(ErrorCode::limit_exceeded,
                fmt::format("the quote that opens field {} is not closed within {} lines and {} bytes", count_,
                            kMaxRecordLines, kMaxRecordBytes));
  }
  return split(line);
}

Result<bool> CsvSplitter::split(std::string_view line) {
  std::size_t at = 0;
  for (;;) {
    std::string& field = fields_[count_ - 1];
    if (!inside_quotes_ && at < line.size() && line[at] == '"') {
      inside_quotes_ = true;
      ++at;
    }
    if (inside_quotes_) {
      const std::size_t quote = line.find('"', at);
      field += line.substr(at, quote - at);
      if (quote == std::string_view::npos) return false;
      at = quote + 1;
      if (at < line.size() && line[at] == '"') {
        field += '"';
        ++at;
        continue;
      }
      inside_quotes_ = false;
      if (at < line.size() && line[at] != delimiter_) {
        return fail(ErrorCode::invalid_data,
                    fmt::format("text follows the closing quote of field {}; wanted '{}' or the end of the line",
                                count_, delimiter_));
      }
    } else {
      const std::size_t end = line.find(delimiter_, at);
      field += line.substr(at, end - at);
      at = end == std::string_view::npos ? line.size() : end;
    }
    if (at == line.size()) return true;
    ++at;  // the delimiter
    begin_field();
  }
}

std::string csv_field(std::string_view text, char delimiter) {
  const std::string special = {delimiter, '"', '\n', '\r'};
  const bool blank_ends = !text.empty() && (text.front() == ' ' || text.back() == ' ');
  if (text.find_first_of(special) == std::string_view::npos && !blank_ends) return std::string(text);
  std::string quoted_field = "\"";
  for (const char c : text) {
    if (c == '"') quoted_field += '"';
    quoted_field += c;
  }
  return quoted_field + '"';
}

char guess_delimiter(std::string_view first_line) {
  constexpr std::array<char, 3> kDelimiters = {',', ';', '\t'};
  std::array<std::size_t, 3> counts{};
  bool quoted = false;
  for (const char c : first_line) {
    if (c == '"') quoted = !quoted;
    for (std::size_t i = 0; i < kDelimiters.size(); ++i) {
      if (!quoted && c == kDelimiters[i]) ++counts[i];
    }
  }
  std::size_t best = 0;
  for (std::size_t i = 1; i < counts.size(); ++i) {
    if (counts[i] > counts[best]) best = i;
  }
  return kDelimiters[best];
}

}  // namespace topoforge
