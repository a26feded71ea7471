#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "topoforge/base/result.hpp"
#include "topoforge/core/cloud/distance_matrix.hpp"
#include "topoforge/core/diagram/vietoris_rips.hpp"

/// Purpose: distances in the formats of Ripser, from bytes in pieces of any size. Memory: one triangle of the
/// distances, as they come, not as a header promises. Thread safety: one owner at a time.
/// Source: the program Ripser 1.2 (Bauer 2021); DIPHA (Bauer, Kerber, Reininghaus 2014) for its binary file.
///
/// In text, numbers stand between blanks, ends of lines or single commas; a comma at the end of a line is ignored, and
/// so is what follows a `#`. Distances are at least 0 and at most kMaxAbsoluteValue.
namespace topoforge {

enum class DistanceFormat {
  lower_distance,  ///< the triangle below the diagonal, row by row; ends of lines mean nothing
  upper_distance,  ///< the triangle above the diagonal, row by row; ends of lines mean nothing
  sparse,          ///< lines `i j distance`, points from 0; `i i 0` is ignored; pairs left out have no edge
  dipha,           ///< binary, little-endian: the 64-bit integers 8067171840, 7 and n, then n x n doubles
};

std::string_view to_string(DistanceFormat format);
std::optional<DistanceFormat> distance_format_from(std::string_view name);

struct DistanceInput {
  DistanceMatrix distances;
  /// Of sparse distances alone: the longest edge that there is, or 0. Pairs without an edge stand in `distances` as the
  /// largest double, so that no edge length up to this one reaches them.
  std::optional<double> longest_edge;
};

class DistanceFormatReader;

class DistanceReader {
 public:
  /// name: of the text, as messages name it. max_points: up to kMaxDiagramPoints.
  DistanceReader(std::string name, DistanceFormat format, std::size_t max_points = kMaxDiagramPoints);
  ~DistanceReader();
  DistanceReader(DistanceReader&&) noexcept;
  DistanceReader& operator=(DistanceReader&&) noexcept;

  /// The next bytes. Errors name the place, line and column or, in DIPHA's matrix, row and column, all from 1:
  /// invalid_data for what is no distance, an entry that differs from its mirror, a diagonal that is not 0, a pair with
  /// two distances, a line that is no triple; limit_exceeded beyond max_points. After an error the reader is spent.
  Result<void> add(std::string_view bytes);
  /// Errors: invalid_data for no distances, a number of them that makes no triangle, a matrix that is cut off.
  Result<DistanceInput> finish() &&;

 private:
  std::unique_ptr<DistanceFormatReader> format_;
};

}  // namespace topoforge
