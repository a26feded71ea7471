#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "topoforge/core/window/trail.hpp"

/// Purpose: vectors of fixed length for detectors that compare newest rows with those of the past.
/// Thread safety: pure functions; LogSpectrum is immutable.
namespace topoforge {

inline constexpr std::size_t kStatisticsPerChannel = 7;

/// Of the newest `window` rows, per channel: mean, standard deviation, minimum, maximum, root mean square of the
/// differences to the row before, lag-1 autocorrelation, mean of the newer half minus that of the older. Statistic by
/// statistic, kStatisticsPerChannel * channels numbers. The trail has window + 1 rows or more; window >= 2. O(window *
/// channels).
void window_statistics(const Trail& trail, std::size_t window, std::span<float> out);

/// Means of blocks of `block` rows, newest block first: out.size() / channels of them. O(rows * channels).
void block_means(const Trail& trail, std::size_t block, std::span<float> out);

/// Spectrum: of each channel's newest `window` rows, their mean removed, the natural logarithm of the mean
/// power in each of kBands bands of frequencies.
class LogSpectrum {
 public:
  /// window >= 16.
  explicit LogSpectrum(std::size_t window);
  /// Channel by channel, kBands numbers each. O(window^2 / 2 * channels).
  void compute(const Trail& trail, std::span<float> out) const;
  [[nodiscard]] std::size_t window() const { return window_; }
  [[nodiscard]] std::size_t memory_bytes() const { return waves_.capacity() * sizeof(float); }

  static constexpr std::size_t kBands = 4;

 private:
  std::size_t window_;
  std::vector<std::size_t> edges_;  ///< kBands + 1, of frequencies in cycles per window
  std::vector<float> waves_;        ///< by row of the window, by frequency from 1: cosine and sine
};

}  // namespace topoforge
