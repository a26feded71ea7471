#pragma once

#include <cstddef>
#include <string>
#include <string_view>
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

class NumberTableReader {
 public:
  explicit NumberTableReader(std::string name) : table_{.name = std::move(name), .rows = {}} {}

  /// The next line, without its end. Errors name file, line and column and what was wanted: invalid_data for a field
  /// that is no such number, limit_exceeded beyond kMaxTableRows or kMaxTableColumns. After an error the reader is
  /// spent.
  Result<void> add_line(std::string_view line);
  /// Errors: invalid_data where no row has come.
  Result<NumberTable> finish() &&;

 private:
  std::size_t line_ = 0;
  bool header_may_come_ = true;
  NumberTable table_;
};

}  // namespace topoforge
