#include "topoforge/engine/window_runs.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

#include <fmt/format.h>

namespace topoforge {

WindowRunReader::WindowRunReader(const NextPoint& next, WindowPlaces places) : next_(next), places_(places) {
  assert(places.window >= 1 && places.stride >= 1);
}

Result<WindowRun> WindowRunReader::read(std::size_t most) {
  const auto [window, stride] = places_;
  const std::size_t wanted = window + (most - 1) * stride;
  while (kept_.size() < wanted && more_ && *more_) more_ = read_point();
  WindowRun run{.first = windows_, .windows = 0, .points = {.dimension = kept_.dimension, .coordinates = {}}};
  if (kept_.size() < window) return more_ ? Result<WindowRun>(std::move(run)) : tl::unexpected(more_.error());
  run.windows = (kept_.size() - window) / stride + 1;
  const auto points = window + (run.windows - 1) * stride;
  run.points.coordinates.assign(kept_.coordinates.begin(),
                                kept_.coordinates.begin() + static_cast<std::ptrdiff_t>(points * kept_.dimension));
  windows_ += run.windows;
  leave(run.windows * stride);
  return run;
}

/// Of the next window.
Result<bool> WindowRunReader::read_point() {
  const auto point = next_();
  if (!point) return tl::unexpected(point.error());
  if (!*point) return false;
  if (auto checked = check(**point); !checked) return tl::unexpected(std::move(checked.error()));
  kept_.dimension = (*point)->size();
  ++points_;
  if (skip_ > 0) {
    --skip_;
  } else {
    kept_.coordinates.insert(kept_.coordinates.end(), (*point)->begin(), (*point)->end());
  }
  return true;
}

Result<void> WindowRunReader::check(const std::vector<double>& point) const {
  if (point.empty()) return fail(ErrorCode::invalid_argument, fmt::format("point {} has no coordinates", points_));
  if (points_ > 0 && point.size() != kept_.dimension) {
    return fail(ErrorCode::invalid_argument, fmt::format("point {} has {} coordinates; wanted {}, as in point 0",
                                                         points_, point.size(), kept_.dimension));
  }
  const auto bad = std::ranges::find_if_not(point, [](double value) { return std::isfinite(value); });
  if (bad == point.end()) return {};
  return fail(ErrorCode::invalid_argument, fmt::format("coordinate {} of point {} is {}; a coordinate is finite",
                                                       bad - point.begin(), points_, *bad));
}

/// The oldest so many points leave, some of them perhaps when they come.
void WindowRunReader::leave(std::size_t points) {
  const std::size_t here = std::min(points, kept_.size());
  skip_ = points - here;
  auto& coordinates = kept_.coordinates;
  coordinates.erase(coordinates.begin(), coordinates.begin() + static_cast<std::ptrdiff_t>(here * kept_.dimension));
}

}  // namespace topoforge
