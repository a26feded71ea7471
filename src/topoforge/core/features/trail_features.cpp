#include "topoforge/core/features/trail_features.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>

namespace topoforge {

void window_statistics(const Trail& trail, std::size_t window, std::span<float> out) {
  constexpr float kSteady = 0.05F;  // of a variance: below it an autocorrelation says little
  const std::size_t channels = trail.channels;
  assert(window >= 2 && trail.rows() > window && out.size() == kStatisticsPerChannel * channels);
  float* const mean = out.data();
  float* const deviation = mean + channels;
  float* const least = deviation + channels;
  float* const greatest = least + channels;
  float* const roughness = greatest + channels;
  float* const correlation = roughness + channels;
  float* const slope = correlation + channels;
  const auto first = trail.row(window - 1);
  std::fill(out.begin(), out.end(), 0.0F);
  std::copy(first.begin(), first.end(), least);
  std::copy(first.begin(), first.end(), greatest);
  const std::size_t newer = window / 2;
  for (std::size_t age = window; age-- > 0;) {
    const float* const now = trail.row(age).data();
    const float* const before = trail.row(age + 1).data();
    const float weight = age < newer ? 1.0F / static_cast<float>(newer) : -1.0F / static_cast<float>(window - newer);
    for (std::size_t c = 0; c < channels; ++c) {
      const float step = now[c] - before[c];
      // From the first value on, so that a constant channel has exactly no deviation.
      const float since = now[c] - first[c];
      mean[c] += since;
      deviation[c] += since * since;
      least[c] = std::min(least[c], now[c]);
      greatest[c] = std::max(greatest[c], now[c]);
      roughness[c] += step * step;
      correlation[c] += since * (before[c] - first[c]);
      slope[c] += weight * since;
    }
  }
  const auto n = static_cast<float>(window);
  for (std::size_t c = 0; c < channels; ++c) {
    mean[c] /= n;
    const float variance = std::max(deviation[c] / n - mean[c] * mean[c], 0.0F);
    deviation[c] = std::sqrt(variance);
    roughness[c] = std::sqrt(roughness[c] / n);
    // The rows before are these but for the newest, and one older.
    const float mean_before = mean[c] - (trail.row(0)[c] - trail.row(window)[c]) / n;
    correlation[c] = (correlation[c] / n - mean[c] * mean_before) / (variance + kSteady);
    mean[c] += first[c];
  }
}

void block_means(const Trail& trail, std::size_t block, std::span<float> out) {
  const std::size_t channels = trail.channels;
  assert(block >= 1 && out.size() % channels == 0 && trail.rows() >= block * (out.size() / channels));
  std::fill(out.begin(), out.end(), 0.0F);
  const float share = 1.0F / static_cast<float>(block);
  for (std::size_t age = 0; age < block * (out.size() / channels); ++age) {
    const auto row = trail.row(age);
    float* const sum = out.data() + age / block * channels;
    for (std::size_t c = 0; c < channels; ++c) sum[c] += share * row[c];
  }
}

LogSpectrum::LogSpectrum(std::size_t window) : window_(window) {
  assert(window >= 16);
  // Octaves but for the last, which takes the rest.
  const std::size_t last = window / 2 + 1;
  for (std::size_t edge = 1; edges_.size() < kBands;
       edge = edge == 1 ? std::max<std::size_t>(2, window / 16) : 2 * edge)
    edges_.push_back(edge);
  edges_.push_back(last);
  for (std::size_t row = 0; row < window; ++row) {
    for (std::size_t frequency = 1; frequency < last; ++frequency) {
      const double angle =
          2.0 * std::numbers::pi * static_cast<double>(row * frequency % window) / static_cast<double>(window);
      waves_.push_back(static_cast<float>(std::cos(angle)));
      waves_.push_back(static_cast<float>(std::sin(angle)));
    }
  }
}

void LogSpectrum::compute(const Trail& trail, std::span<float> out) const {
  constexpr float kFloor = 0.01F;
  const std::size_t channels = trail.channels;
  assert(trail.rows() >= window_ && out.size() == kBands * channels);
  const std::size_t width = 2 * (edges_.back() - 1);
  std::vector<float> sums(width);
  for (std::size_t c = 0; c < channels; ++c) {
    float mean = 0.0F;
    for (std::size_t age = 0; age < window_; ++age) mean += trail.row(age)[c];
    mean /= static_cast<float>(window_);
    std::fill(sums.begin(), sums.end(), 0.0F);
    for (std::size_t row = 0; row < window_; ++row) {
      const float value = trail.row(window_ - 1 - row)[c] - mean;
      const float* const wave = waves_.data() + row * width;
      for (std::size_t k = 0; k < width; ++k) sums[k] += value * wave[k];
    }
    for (std::size_t band = 0; band < kBands; ++band) {
      float power = 0.0F;
      for (std::size_t k = 2 * (edges_[band] - 1); k < 2 * (edges_[band + 1] - 1); ++k) power += sums[k] * sums[k];
      power /= static_cast<float>(edges_[band + 1] - edges_[band]) * static_cast<float>(window_);
      out[c * kBands + band] = std::log(kFloor + power);
    }
  }
}

}  // namespace topoforge
