#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "topoforge/base/result.hpp"
#include "topoforge/codec/diagram/number_table.hpp"
#include "topoforge/core/cloud/point_cloud.hpp"

/// Purpose: windows of points from the lines of a text of any length. Window k holds the rows from k * stride on, both
/// from 0. Memory: the rows of one window. Thread safety: one owner at a time.
namespace topoforge {

struct PointWindowOptions {
  std::size_t window = 50;  ///< rows, 1 to kMaxDiagramPoints
  std::size_t stride = 1;   ///< rows from the start of a window to the start of the next, at least 1
};

class PointWindowReader {
 public:
  PointWindowReader(std::string name, PointWindowOptions options);

  /// The next line, without its end; the window that it completes, if it does. Errors: those of NumberRowReader, and
  /// invalid_data for a row that is not as long as the first one. After an error the reader is spent.
  Result<std::optional<PointCloud>> add_line(std::string_view line);

  [[nodiscard]] std::size_t rows() const { return rows_; }  ///< read so far

 private:
  NumberRowReader reader_;
  PointWindowOptions options_;
  std::size_t rows_ = 0;
  std::size_t skip_ = 0;        // rows to come that belong to no window
  std::size_t first_line_ = 0;  // of the first row
  PointCloud cloud_;            // the rows of the next window that have come
};

}  // namespace topoforge
