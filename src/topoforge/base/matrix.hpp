#pragma once

#include <cassert>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

/// Purpose: a dense row-major matrix of doubles, the shape in which rows of channels travel between stages.
/// Thread safety: a value.
namespace topoforge {

struct Matrix {
  std::size_t rows = 0;
  std::size_t columns = 0;
  std::vector<double> values;  ///< rows * columns, row-major

  Matrix() = default;
  Matrix(std::size_t row_count, std::size_t column_count, double fill = 0.0)
      : rows(row_count), columns(column_count), values(row_count * column_count, fill) {}
  Matrix(std::size_t row_count, std::size_t column_count, std::vector<double> row_major)
      : rows(row_count), columns(column_count), values(std::move(row_major)) {
    assert(values.size() == rows * columns);
  }

  [[nodiscard]] std::span<const double> row(std::size_t index) const {
    assert(index < rows);
    return {values.data() + index * columns, columns};
  }
  [[nodiscard]] std::span<double> row(std::size_t index) {
    assert(index < rows);
    return {values.data() + index * columns, columns};
  }
  [[nodiscard]] double operator()(std::size_t row_index, std::size_t column) const {
    assert(row_index < rows && column < columns);
    return values[row_index * columns + column];
  }
  [[nodiscard]] double& operator()(std::size_t row_index, std::size_t column) {
    assert(row_index < rows && column < columns);
    return values[row_index * columns + column];
  }

  bool operator==(const Matrix&) const = default;
};

}  // namespace topoforge
