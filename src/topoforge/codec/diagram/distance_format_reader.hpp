#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "topoforge/base/result.hpp"
#include "topoforge/codec/diagram/distance_reader.hpp"

/// Purpose: what DistanceReader does, one class for each format. Thread safety: one owner at a time.
namespace topoforge {

class DistanceFormatReader {
 public:
  virtual ~DistanceFormatReader() = default;
  virtual Result<void> add(std::string_view bytes) = 0;
  virtual Result<DistanceInput> finish() = 0;
};

struct DistanceText {
  std::string name;
  std::size_t max_points = 0;
};

std::unique_ptr<DistanceFormatReader> make_lower_distance_reader(DistanceText text);
std::unique_ptr<DistanceFormatReader> make_upper_distance_reader(DistanceText text);
std::unique_ptr<DistanceFormatReader> make_sparse_reader(DistanceText text);
std::unique_ptr<DistanceFormatReader> make_dipha_reader(DistanceText text);

/// Distances of n points among each other.
constexpr std::size_t triangle_size(std::size_t n) { return n < 2 ? 0 : n * (n - 1) / 2; }

/// Where points i < j stand in the triangle above the diagonal of n points, row by row.
constexpr std::size_t upper_index(std::size_t i, std::size_t j, std::size_t n) {
  return i * n - i * (i + 1) / 2 + j - i - 1;
}

/// upper: triangle_size(n) distances, none of them negative or NaN.
DistanceMatrix matrix_from_upper(const std::vector<double>& upper, std::size_t n);

}  // namespace topoforge
