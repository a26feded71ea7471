#pragma once

#include <cassert>
#include <cstddef>
#include <span>
#include <vector>

/// Purpose: the points of a window in R^d. Thread safety: a value.
namespace topoforge {

struct PointCloud {
  std::size_t dimension = 0;        ///< d
  std::vector<double> coordinates;  ///< size() * dimension, row-major

  [[nodiscard]] std::size_t size() const { return dimension == 0 ? 0 : coordinates.size() / dimension; }
  [[nodiscard]] std::span<const double> point(std::size_t index) const {
    assert(index < size());
    return {coordinates.data() + index * dimension, dimension};
  }

  bool operator==(const PointCloud&) const = default;
};

}  // namespace topoforge
