#include "topoforge/codec/diagram/point_windows.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include <fmt/format.h>

namespace topoforge {

PointWindowReader::PointWindowReader(std::string name, PointWindowOptions options)
    : reader_(std::move(name)), options_(options) {
  assert(options.window >= 1 && options.window <= kMaxDiagramPoints && options.stride >= 1);
}

Result<std::optional<PointCloud>> PointWindowReader::add_line(std::string_view line) {
  const auto row = reader_.read_line(line);
  if (!row) return tl::unexpected(row.error());
  if (!*row) return std::nullopt;
  const std::vector<double>& values = (*row)->values;
  if (rows_ == 0) {
    first_line_ = (*row)->line;
    cloud_.dimension = values.size();
  }
  if (values.size() != cloud_.dimension) {
    return fail(ErrorCode::invalid_data,
                fmt::format("{}:{}: column {}: the row has {} {}; wanted {}, as in line {}", reader_.name(),
                            (*row)->line, std::min(values.size(), cloud_.dimension) + 1, values.size(),
                            values.size() == 1 ? "number" : "numbers", cloud_.dimension, first_line_));
  }
  ++rows_;
  if (skip_ > 0) {
    --skip_;
    return std::nullopt;
  }
  auto& coordinates = cloud_.coordinates;
  coordinates.insert(coordinates.end(), values.begin(), values.end());
  if (cloud_.size() < options_.window) return std::nullopt;
  PointCloud window = cloud_;
  const std::size_t leaving = std::min(options_.stride, options_.window);
  skip_ = options_.stride - leaving;
  coordinates.erase(coordinates.begin(), coordinates.begin() + static_cast<std::ptrdiff_t>(leaving * cloud_.dimension));
  return window;
}

}  // namespace topoforge
