#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "topoforge/base/result.hpp"

/// Purpose: lines to the fields of a record. Source: RFC 4180; beyond it a quote inside a field that does not begin
/// with one is text, and the delimiter is a choice. Thread safety: one owner at a time.
namespace topoforge {

/// Bounds of a record whose quoted fields hold line ends.
inline constexpr std::size_t kMaxRecordBytes = 8 << 20;
inline constexpr std::size_t kMaxRecordLines = 1000;

class CsvSplitter {
 public:
  explicit CsvSplitter(char delimiter = ',') : delimiter_(delimiter) {}

  /// Adds one line (without its end). True: fields() is a whole record. False: a quoted field goes on in the next line.
  /// Errors: invalid_data for text after a closing quote, limit_exceeded for the bounds above.
  Result<bool> add_line(std::string_view line);

  /// The fields of the record, unquoted; valid until the next add_line.
  [[nodiscard]] std::span<const std::string> fields() const { return {fields_.data(), count_}; }
  [[nodiscard]] bool inside_quotes() const { return inside_quotes_; }

 private:
  void begin_field();
  Result<bool> split(std::string_view line);

  char delimiter_;
  std::vector<std::string> fields_;  // its strings keep their memory from record to record
  std::size_t count_ = 0;
  bool inside_quotes_ = false;
  std::size_t record_lines_ = 0;
  std::size_t record_bytes_ = 0;
};

/// The field as it stands in a file, quoted where it must be.
std::string csv_field(std::string_view text, char delimiter = ',');

/// Of `,`, `;` and tab, the one that stands most often outside quotes in the first line of a file; in doubt the comma.
char guess_delimiter(std::string_view first_line);

}  // namespace topoforge
