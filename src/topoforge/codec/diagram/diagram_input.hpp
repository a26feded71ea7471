#pragma once

#include <optional>
#include <string_view>
#include <variant>

#include "topoforge/base/result.hpp"
#include "topoforge/codec/diagram/number_table.hpp"
#include "topoforge/core/cloud/distance_matrix.hpp"
#include "topoforge/core/cloud/point_cloud.hpp"

/// Purpose: what a table of numbers means to a diagram: points, or distances between them. Thread safety: pure.
namespace topoforge {

enum class DiagramInputKind {
  points,     ///< a row is a point
  distances,  ///< the full matrix: square, symmetric, zero diagonal
  lower,      ///< its lower triangle: rows of 1, 2, 3, ... numbers, or 0, 1, 2, ... where the first line is empty
  automatic,  ///< rows of 1, 2, 3, ... numbers are a lower triangle, all else points; see below
};

std::string_view to_string(DiagramInputKind kind);
/// Ripser's names are taken too: point-cloud for points, distance for distances.
std::optional<DiagramInputKind> diagram_input_kind_from(std::string_view name);

using DiagramInput = std::variant<PointCloud, DistanceMatrix>;

/// A lower triangle contains the diagonal when every row ends with 0; then n rows are n points, else n + 1.
/// automatic: a single row is a point; a table of 2 or more rows that reads as a full distance matrix could be points
/// as well and is refused.
/// Errors: invalid_data with file, line and column for rows of the wrong length, a negative distance, a diagonal that
/// is not 0 and entries that differ from their mirror; invalid_argument for a table that automatic cannot decide;
/// limit_exceeded above kMaxDiagramPoints points. O(numbers).
Result<DiagramInput> diagram_input(const NumberTable& table, DiagramInputKind kind);

}  // namespace topoforge
