#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "topoforge/base/result.hpp"
#include "topoforge/core/diagram/vietoris_rips.hpp"

/// Purpose: a table of numbers from the lines of a text. Thread safety: one owner at a time.
///
/// A line is a row. Its numbers stand between commas, or, in a line without a comma, between blanks; a comma at the end
/// of a line is ignored. Empty lines and what follows a `#` are skipped. The first row is a header, and skipped, when
/// none of its fields is a number, NaN or infinite. Numbers are decimal, of magnitude at most kMaxAbsoluteValue.
namespace topoforge {

struct NumberRow {
  std::size_t line = 0;  ///< where it stands in the text, from 1
  std::vector<double> values;
};

struct NumberTable {
  std::string name;             ///< of the text, as messages name it
  std::vector<NumberRow> rows;  ///< at least one; rows may differ in length
};

/// Rows and columns of a table: a diagram takes no more points.
inline constexpr std::size_t kMaxTableRows = kMaxDiagramPoints;
inline constexpr std::size_t kMaxTableColumns = kMaxDiagramPoints;

/// One row after another, any number of them.
class NumberRowReader {
 public:
  explicit NumberRowReader(std::string name) : name_(std::move(name)) {}

  /// The next line, without its end; nothing if it is no row. Errors name file, line and column and what was wanted:
  /// invalid_data for a field that is no such number, limit_exceeded beyond kMaxTableColumns. After an error the reader
  /// is spent.
  Result<std::optional<NumberRow>> read_line(std::string_view line);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::size_t lines() const { return line_; }

 private:
  std::string name_;
  std::size_t line_ = 0;
  std::size_t columns_ = 0;  // that the next row may have
  bool header_may_come_ = true;
};

class NumberTableReader {
 public:
  explicit NumberTableReader(std::string name) : rows_(name), table_{.name = std::move(name), .rows = {}} {}

  /// The next line, without its end. Errors: those of NumberRowReader, limit_exceeded beyond kMaxTableRows.
  Result<void> add_line(std::string_view line);
  /// Errors: invalid_data where no row has come.
  Result<NumberTable> finish() &&;

 private:
  NumberRowReader rows_;
  NumberTable table_;
};

}  // namespace topoforge
