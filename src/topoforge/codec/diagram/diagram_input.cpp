#include "topoforge/codec/diagram/diagram_input.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace topoforge {
namespace {

constexpr std::array<std::pair<DiagramInputKind, std::string_view>, 4> kNames = {{
    {DiagramInputKind::points, "points"},
    {DiagramInputKind::distances, "distances"},
    {DiagramInputKind::lower, "lower"},
    {DiagramInputKind::automatic, "auto"},
}};

/// A place in the table; row and column count from 0.
tl::unexpected<Error> fail_at(const NumberTable& table, std::size_t row, std::size_t column, std::string_view message) {
  return fail(ErrorCode::invalid_data,
              fmt::format("{}:{}: column {}: {}", table.name, table.rows[row].line, column + 1, message));
}

/// Refuses a row that has not as many numbers as wanted, at its first number too many or missing.
Result<void> check_length(const NumberTable& table, std::size_t row, std::size_t wanted, std::string_view why) {
  const std::size_t length = table.rows[row].values.size();
  if (length == wanted) return {};
  return fail_at(
      table, row, std::min(length, wanted),
      fmt::format("the row has {} {}; wanted {}, {}", length, length == 1 ? "number" : "numbers", wanted, why));
}

Result<void> check_distance(const NumberTable& table, std::size_t row, std::size_t column) {
  const double distance = table.rows[row].values[column];
  if (distance < 0.0) return fail_at(table, row, column, fmt::format("distance {} is negative", distance));
  return {};
}

bool is_triangle(const NumberTable& table) {
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    if (table.rows[row].values.size() != row + 1) return false;
  }
  return true;
}

/// What read_distances() would take, without the words for what it would not.
bool is_distance_matrix(const NumberTable& table) {
  const auto& rows = table.rows;
  if (std::any_of(rows.begin(), rows.end(), [&](const auto& row) { return row.values.size() != rows.size(); })) {
    return false;
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].values[i] != 0.0) return false;
    for (std::size_t j = 0; j < i; ++j) {
      if (rows[i].values[j] < 0.0 || rows[i].values[j] != rows[j].values[i]) return false;
    }
  }
  return true;
}

Result<DiagramInput> read_points(const NumberTable& table) {
  const std::size_t dimension = table.rows.front().values.size();
  PointCloud cloud{.dimension = dimension, .coordinates = {}};
  cloud.coordinates.reserve(table.rows.size() * dimension);
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    const auto& values = table.rows[row].values;
    const std::string why = fmt::format("as in line {}", table.rows.front().line);
    if (auto fits = check_length(table, row, dimension, why); !fits) return tl::unexpected(fits.error());
    cloud.coordinates.insert(cloud.coordinates.end(), values.begin(), values.end());
  }
  return cloud;
}

Result<DiagramInput> read_distances(const NumberTable& table) {
  const std::size_t size = table.rows.size();
  std::vector<double> lower;
  lower.reserve(size * (size - 1) / 2);
  const std::string why = fmt::format("since a matrix of {} rows has {} columns", size, size);
  for (std::size_t row = 0; row < size; ++row) {
    if (auto fits = check_length(table, row, size, why); !fits) return tl::unexpected(fits.error());
  }
  for (std::size_t row = 0; row < size; ++row) {
    const auto& values = table.rows[row].values;
    for (std::size_t column = 0; column < row; ++column) {
      if (auto good = check_distance(table, row, column); !good) return tl::unexpected(good.error());
      const double mirror = table.rows[column].values[row];
      if (values[column] != mirror) {
        return fail_at(table, row, column,
                       fmt::format("distance {} differs from {} in line {}, column {}; wanted a symmetric matrix",
                                   values[column], mirror, table.rows[column].line, row + 1));
      }
      lower.push_back(values[column]);
    }
    if (values[row] != 0.0) {
      return fail_at(table, row, row, fmt::format("distance {} of a point to itself; wanted 0", values[row]));
    }
  }
  return DistanceMatrix::trusted(size, std::move(lower));
}

Result<DiagramInput> read_lower(const NumberTable& table) {
  const std::size_t rows = table.rows.size();
  for (std::size_t row = 0; row < rows; ++row) {
    const std::string why = fmt::format("row {} of a lower triangle", row + 1);
    if (auto fits = check_length(table, row, row + 1, why); !fits) return tl::unexpected(fits.error());
  }
  const bool diagonal =
      std::all_of(table.rows.begin(), table.rows.end(), [](const NumberRow& row) { return row.values.back() == 0.0; });
  const std::size_t size = diagonal ? rows : rows + 1;
  if (size > kMaxDiagramPoints) {
    return fail(ErrorCode::limit_exceeded,
                fmt::format("{}: distances of {} points; at most {} are allowed", table.name, size, kMaxDiagramPoints));
  }
  std::vector<double> lower;
  lower.reserve(size * (size - 1) / 2);
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t column = 0; column < (diagonal ? row : row + 1); ++column) {
      if (auto good = check_distance(table, row, column); !good) return tl::unexpected(good.error());
      lower.push_back(table.rows[row].values[column]);
    }
  }
  return DistanceMatrix::trusted(size, std::move(lower));
}

Result<DiagramInput> read_as_it_looks(const NumberTable& table) {
  if (table.rows.size() == 1) return read_points(table);
  if (is_triangle(table)) return read_lower(table);
  if (is_distance_matrix(table)) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("{}: {} rows that can be distances or points; say which with --input distances or "
                            "--input points",
                            table.name, table.rows.size()));
  }
  return read_points(table);
}

}  // namespace

std::string_view to_string(DiagramInputKind kind) {
  return std::find_if(kNames.begin(), kNames.end(), [&](const auto& entry) { return entry.first == kind; })->second;
}

std::optional<DiagramInputKind> diagram_input_kind_from(std::string_view name) {
  const auto found =
      std::find_if(kNames.begin(), kNames.end(), [&](const auto& entry) { return entry.second == name; });
  if (found != kNames.end()) return found->first;
  if (name == "point-cloud") return DiagramInputKind::points;
  if (name == "distance") return DiagramInputKind::distances;
  return std::nullopt;
}

Result<DiagramInput> diagram_input(const NumberTable& table, DiagramInputKind kind) {
  switch (kind) {
    case DiagramInputKind::points: return read_points(table);
    case DiagramInputKind::distances: return read_distances(table);
    case DiagramInputKind::lower: return read_lower(table);
    case DiagramInputKind::automatic: return read_as_it_looks(table);
  }
  return read_points(table);
}

}  // namespace topoforge
