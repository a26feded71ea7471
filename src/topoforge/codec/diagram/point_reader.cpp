#include "topoforge/codec/diagram/point_reader.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace topoforge {

Result<std::optional<std::vector<double>>> PointReader::read_line(std::string_view line) {
  auto row = rows_.read_line(line);
  if (!row) return tl::unexpected(std::move(row.error()));
  if (!*row) return std::nullopt;
  std::vector<double>& values = (*row)->values;
  if (points_ == 0) {
    first_line_ = (*row)->line;
    dimension_ = values.size();
  }
  if (values.size() != dimension_) {
    return fail(ErrorCode::invalid_data,
                fmt::format("{}:{}: column {}: the row has {} {}; wanted {}, as in line {}", rows_.name(), (*row)->line,
                            std::min(values.size(), dimension_) + 1, values.size(),
                            values.size() == 1 ? "number" : "numbers", dimension_, first_line_));
  }
  ++points_;
  return std::move(values);
}

}  // namespace topoforge
