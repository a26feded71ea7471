#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "topoforge/base/result.hpp"
#include "topoforge/codec/diagram/number_table.hpp"

/// Purpose: points, all of as many coordinates, from the rows of a text of any length. Memory: a row.
/// Thread safety: one owner at a time.
namespace topoforge {

class PointReader {
 public:
  explicit PointReader(std::string name) : rows_(std::move(name)) {}

  /// The next line, without its end; its point, or nothing if it is no row. Errors: those of NumberRowReader, and
  /// invalid_data for a row that is not as long as the first one. After an error the reader is spent.
  Result<std::optional<std::vector<double>>> read_line(std::string_view line);

  [[nodiscard]] std::size_t points() const { return points_; }  ///< read so far

 private:
  NumberRowReader rows_;
  std::size_t points_ = 0;
  std::size_t dimension_ = 0;
  std::size_t first_line_ = 0;  // of the first row
};

}  // namespace topoforge
