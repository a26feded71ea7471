#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <random>
#include <vector>

#include "topoforge/core/cloud/point_cloud.hpp"

/// Purpose: the windows that benchmarks are run on; the same seed gives the same window.
namespace topoforge::bench {

/// Delay embedding in R^3 of a sine of period 25 samples with noise of a tenth of its amplitude: what a window of a
/// periodic channel looks like.
inline PointCloud noisy_periodic_window(std::size_t points, std::uint64_t seed) {
  constexpr std::size_t kLag = 6;
  constexpr double kPeriod = 25.0;
  std::mt19937_64 random(seed);
  std::normal_distribution<double> noise(0.0, 0.1);
  std::vector<double> signal;
  for (std::size_t k = 0; k < points + 2 * kLag; ++k) {
    signal.push_back(std::sin(2 * std::numbers::pi * static_cast<double>(k) / kPeriod) + noise(random));
  }
  PointCloud cloud{3, {}};
  for (std::size_t k = 0; k < points; ++k) {
    for (std::size_t delay = 0; delay < 3; ++delay) cloud.coordinates.push_back(signal[k + delay * kLag]);
  }
  return cloud;
}

/// Uniform in [0, 1]^8: no structure of low dimension, the hardest input of its size.
inline PointCloud uniform_window(std::size_t points, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> uniform;
  PointCloud cloud{8, std::vector<double>(points * 8)};
  for (double& coordinate : cloud.coordinates) coordinate = uniform(random);
  return cloud;
}

}  // namespace topoforge::bench
