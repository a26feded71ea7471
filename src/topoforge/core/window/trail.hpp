#pragma once

#include <cassert>
#include <cstddef>
#include <span>

/// Purpose: the newest rows of a stream as detectors look at them: scaled, in single precision, in one piece.
/// Thread safety: a view; what it shows must live as long.
namespace topoforge {

struct Trail {
  std::span<const float> values;  ///< rows() * channels, oldest row first
  std::size_t channels = 1;

  [[nodiscard]] std::size_t rows() const { return values.size() / channels; }
  /// age 0 is the newest row; age < rows().
  [[nodiscard]] std::span<const float> row(std::size_t age) const {
    assert(age < rows());
    return values.subspan(values.size() - (age + 1) * channels, channels);
  }
  /// The newest `count` rows; count <= rows().
  [[nodiscard]] Trail newest(std::size_t count) const {
    assert(count <= rows());
    return {values.last(count * channels), channels};
  }
};

}  // namespace topoforge
