#include "topoforge/core/features/window_features.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace topoforge {

void recent_features(const Matrix& scaled, std::span<double> out) {
  assert(scaled.rows >= 1 && out.size() == scaled.columns * kRecentFeaturesPerChannel);
  const std::size_t count = std::min(scaled.rows, kRecentRows);
  const std::size_t first = scaled.rows - count;
  const auto n = static_cast<double>(count);
  for (std::size_t channel = 0; channel < scaled.columns; ++channel) {
    double mean = 0.0;
    for (std::size_t i = first; i < scaled.rows; ++i) mean += scaled(i, channel) / n;
    double variance = 0.0;
    double roughness = 0.0;
    for (std::size_t i = first; i < scaled.rows; ++i) {
      const double centred = scaled(i, channel) - mean;
      variance += centred * centred / n;
      if (i > first) {
        const double step = scaled(i, channel) - scaled(i - 1, channel);
        roughness += step * step / (n - 1.0);
      }
    }
    const auto part = out.subspan(channel * kRecentFeaturesPerChannel, kRecentFeaturesPerChannel);
    part[0] = std::asinh(scaled(scaled.rows - 1, channel));
    part[1] = std::asinh(mean);
    part[2] = std::asinh(std::sqrt(variance));
    part[3] = std::asinh(std::sqrt(roughness));
  }
}

std::size_t pooling_count(std::size_t rows, std::size_t channels) {
  constexpr std::size_t kInputs = 96;
  assert(rows >= 1 && channels >= 1);
  return std::min(rows, std::clamp<std::size_t>(kInputs / channels, 3, 10));
}

std::vector<std::size_t> pooling_blocks(std::size_t rows, std::size_t channels) {
  const std::size_t count = pooling_count(rows, channels);
  // A geometric sequence of `count` lengths from about 1 that sums to `rows`, by bisection of its ratio.
  double low = 1.0;
  double high = static_cast<double>(rows) + 1.0;
  for (int step = 0; step < 60; ++step) {
    const double ratio = (low + high) / 2.0;
    double sum = 0.0;
    double length = 1.0;
    for (std::size_t k = 0; k < count; ++k) {
      sum += length;
      length *= ratio;
    }
    (sum < static_cast<double>(rows) ? low : high) = ratio;
  }
  std::vector<std::size_t> blocks;
  double end = 0.0;
  double length = 1.0;
  std::size_t used = 0;
  for (std::size_t k = 0; k < count; ++k) {
    end += length;
    length *= low;
    const std::size_t left = count - 1 - k;
    const auto wanted = static_cast<std::size_t>(std::lround(end));
    const std::size_t stop = left == 0 ? rows : std::clamp(wanted, used + 1, rows - left);
    blocks.push_back(stop - used);
    used = stop;
  }
  return blocks;
}

void pooled_features(const Matrix& scaled, std::span<const std::size_t> blocks, std::span<double> out) {
  assert(out.size() == blocks.size() * scaled.columns);
  std::fill(out.begin(), out.end(), 0.0);
  std::size_t end = scaled.rows;
  for (std::size_t k = 0; k < blocks.size(); ++k) {
    assert(blocks[k] <= end);
    const auto part = out.subspan(k * scaled.columns, scaled.columns);
    for (std::size_t i = end - blocks[k]; i < end; ++i) {
      for (std::size_t channel = 0; channel < scaled.columns; ++channel) part[channel] += scaled(i, channel);
    }
    for (double& value : part) value = std::asinh(value / static_cast<double>(blocks[k]));
    end -= blocks[k];
  }
}

}  // namespace topoforge
