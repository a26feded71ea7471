#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "topoforge/base/result.hpp"
#include "topoforge/core/cloud/point_cloud.hpp"

/// Purpose: a stream of points cut into runs of windows that follow each other, so that what windows share is kept
/// once. Memory: the points of one run. Thread safety: one owner at a time.
namespace topoforge {

/// Window k holds the points from k * stride on, both from 0.
struct WindowPlaces {
  std::size_t window = 50;  ///< points, at least 1
  std::size_t stride = 1;   ///< points from the start of a window to the start of the next, at least 1
};

/// The next point; nothing at the end.
using NextPoint = std::function<Result<std::optional<std::vector<double>>>()>;

struct WindowRun {
  std::size_t first = 0;  ///< its first window
  std::size_t windows = 0;
  PointCloud points;  ///< of its first window, and `stride` more for each other one
};

class WindowRunReader {
 public:
  /// next must live as long as the reader.
  WindowRunReader(const NextPoint& next, WindowPlaces places);

  /// The next run, of `most` windows, at least 1; of fewer where the points end, and then of none. It asks for no point
  /// beyond the run. Errors: those of next, and invalid_argument for a coordinate that is not finite or a number of
  /// coordinates that is 0 or not that of the first point; after the windows before it, and then again and again.
  Result<WindowRun> read(std::size_t most);

 private:
  Result<bool> read_point();
  [[nodiscard]] Result<void> check(const std::vector<double>& point) const;
  void leave(std::size_t points);

  const NextPoint& next_;
  WindowPlaces places_;
  Result<bool> more_ = true;  // points to come
  std::size_t points_ = 0;    // read so far
  std::size_t windows_ = 0;   // given so far
  std::size_t skip_ = 0;      // points to come that belong to no window
  PointCloud kept_;           // the points of the next window that have come
};

}  // namespace topoforge
