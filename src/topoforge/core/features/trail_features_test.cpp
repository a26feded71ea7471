#include "topoforge/core/features/trail_features.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "topoforge/base/random.hpp"

namespace topoforge {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatNear;
using ::testing::Pointwise;

std::vector<float> normals(std::size_t count, Random& random) {
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(1.0 + 2.0 * random.normal());
  return values;
}

double at(const Trail& trail, std::size_t age, std::size_t channel) {
  return static_cast<double>(trail.row(age)[channel]);
}

/// In the order of the features, of one channel.
std::vector<double> expected_statistics(const Trail& trail, std::size_t window, std::size_t channel) {
  const auto n = static_cast<double>(window);
  double mean = 0.0;
  double least = at(trail, 0, channel);
  double greatest = least;
  double newer = 0.0;
  double older = 0.0;
  const std::size_t half = window / 2;
  for (std::size_t age = 0; age < window; ++age) {
    const double value = at(trail, age, channel);
    mean += value / n;
    least = std::min(least, value);
    greatest = std::max(greatest, value);
    if (age < half) newer += value / static_cast<double>(half);
    if (age >= half) older += value / static_cast<double>(window - half);
  }
  double mean_before = 0.0;
  for (std::size_t age = 1; age <= window; ++age) mean_before += at(trail, age, channel) / n;
  double variance = 0.0;
  double roughness = 0.0;
  double covariance = 0.0;
  for (std::size_t age = 0; age < window; ++age) {
    const double value = at(trail, age, channel);
    const double before = at(trail, age + 1, channel);
    variance += (value - mean) * (value - mean) / n;
    roughness += (value - before) * (value - before) / n;
    covariance += (value - mean) * (before - mean_before) / n;
  }
  return {mean,         std::sqrt(variance), least, greatest, std::sqrt(roughness), covariance / (variance + 0.05),
          newer - older};
}

/// Band by band, by the definition.
std::vector<double> expected_spectrum(const Trail& trail, std::size_t window, const std::vector<std::size_t>& edges,
                                      std::size_t channel) {
  const auto n = static_cast<double>(window);
  double mean = 0.0;
  for (std::size_t age = 0; age < window; ++age) mean += at(trail, age, channel) / n;
  std::vector<double> result;
  for (std::size_t band = 0; band + 1 < edges.size(); ++band) {
    double power = 0.0;
    for (std::size_t frequency = edges[band]; frequency < edges[band + 1]; ++frequency) {
      double cosine = 0.0;
      double sine = 0.0;
      for (std::size_t age = 0; age < window; ++age) {
        const double angle = 2.0 * std::numbers::pi * static_cast<double>(age * frequency) / n;
        cosine += (at(trail, age, channel) - mean) * std::cos(angle);
        sine += (at(trail, age, channel) - mean) * std::sin(angle);
      }
      power += (cosine * cosine + sine * sine) / n;
    }
    result.push_back(std::log(0.01 + power / static_cast<double>(edges[band + 1] - edges[band])));
  }
  return result;
}

std::vector<float> wave(std::size_t window, double frequency, double amplitude) {
  std::vector<float> values;
  for (std::size_t i = 0; i < window; ++i) {
    const double angle = 2.0 * std::numbers::pi * frequency * static_cast<double>(i) / static_cast<double>(window);
    values.push_back(static_cast<float>(3.0 + amplitude * std::sin(angle + 0.3)));
  }
  return values;
}

TEST(WindowStatistics, AgreeWithTheFormulasOnRandomTrails) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    const std::size_t channels = 1 + random.below(9);
    const std::size_t window = 2 + random.below(40);
    const std::vector<float> values = normals((window + 1 + random.below(5)) * channels, random);
    const Trail trail{values, channels};
    std::vector<float> found(kStatisticsPerChannel * channels);
    window_statistics(trail, window, found);
    for (std::size_t channel = 0; channel < channels; ++channel) {
      const std::vector<double> expected = expected_statistics(trail, window, channel);
      for (std::size_t k = 0; k < kStatisticsPerChannel; ++k)
        ASSERT_NEAR(found[k * channels + channel], expected[k], 1e-3) << channel << ' ' << k;
    }
  }
}

TEST(WindowStatistics, OfAConstantTrailAreItsLevelAndZeros) {
  const std::vector<float> values(22, 1.5F);
  std::vector<float> found(2 * kStatisticsPerChannel);
  window_statistics({values, 2}, 10, found);
  EXPECT_THAT(found, ElementsAre(1.5F, 1.5F, 0.0F, 0.0F, 1.5F, 1.5F, 1.5F, 1.5F, 0.0F, 0.0F, 0.0F, 0.0F, 0.0F, 0.0F));
}

TEST(WindowStatistics, TakeOfOlderRowsTheLastDifferenceAlone) {
  const std::vector<float> values{900.0F, -7.0F, 1.0F, 1.0F, 1.0F, 1.0F};
  std::vector<float> found(kStatisticsPerChannel);
  window_statistics({values, 1}, 4, found);
  EXPECT_THAT(found, ElementsAre(1.0F, 0.0F, 1.0F, 1.0F, 4.0F, 0.0F, 0.0F));
}

TEST(BlockMeans, AgreeWithTheFormulaNewestFirst) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    const std::size_t channels = 1 + random.below(6);
    const std::size_t block = 1 + random.below(7);
    const std::size_t blocks = 1 + random.below(8);
    const std::vector<float> values = normals((block * blocks + random.below(5)) * channels, random);
    const Trail trail{values, channels};
    std::vector<float> found(blocks * channels);
    block_means(trail, block, found);
    for (std::size_t i = 0; i < blocks; ++i) {
      for (std::size_t channel = 0; channel < channels; ++channel) {
        double mean = 0.0;
        for (std::size_t k = 0; k < block; ++k) mean += at(trail, i * block + k, channel) / static_cast<double>(block);
        ASSERT_NEAR(found[i * channels + channel], mean, 1e-5);
      }
    }
  }
}

TEST(LogSpectrum, AgreesWithTheDefinitionOnRandomTrails) {
  const std::vector<std::vector<std::size_t>> all_edges = {{1, 2, 4, 8, 9},   {1, 2, 4, 8, 16},  {1, 2, 4, 8, 17},
                                                           {1, 3, 6, 12, 26}, {1, 4, 8, 16, 33}, {1, 6, 12, 24, 51}};
  const std::vector<std::size_t> windows = {16, 31, 32, 50, 64, 100};
  for (std::size_t k = 0; k < windows.size(); ++k) {
    SCOPED_TRACE(windows[k]);
    Random random(k);
    const std::vector<float> values = normals((windows[k] + 3) * 3, random);
    const Trail trail{values, 3};
    const LogSpectrum spectrum(windows[k]);
    EXPECT_EQ(spectrum.window(), windows[k]);
    std::vector<float> found(3 * LogSpectrum::kBands);
    spectrum.compute(trail, found);
    for (std::size_t channel = 0; channel < 3; ++channel) {
      const auto expected = expected_spectrum(trail, windows[k], all_edges[k], channel);
      for (std::size_t band = 0; band < LogSpectrum::kBands; ++band)
        EXPECT_NEAR(found[channel * LogSpectrum::kBands + band], expected[band], 1e-3) << channel << ' ' << band;
    }
  }
}

TEST(LogSpectrum, HasThePowerOfASineInItsBandAlone) {
  // Bands of a window of 64 begin at 1, 4, 8 and 16 cycles; the last ends with 32.
  const LogSpectrum spectrum(64);
  const std::vector<double> widths{3.0, 4.0, 8.0, 17.0};
  const std::vector<std::vector<double>> frequencies{{1, 3}, {4, 7}, {8, 15}, {16, 31}};
  for (std::size_t band = 0; band < LogSpectrum::kBands; ++band) {
    for (const double frequency : frequencies[band]) {
      const std::vector<float> values = wave(64, frequency, 2.0);
      std::vector<float> found(LogSpectrum::kBands);
      spectrum.compute({values, 1}, found);
      std::vector<float> expected(LogSpectrum::kBands, std::log(0.01F));
      expected[band] = static_cast<float>(std::log(0.01 + 64.0 / widths[band]));
      EXPECT_THAT(found, Pointwise(FloatNear(1e-3F), expected)) << frequency;
    }
  }
}

TEST(LogSpectrum, OfAConstantIsItsFloorEverywhere) {
  for (const float level : {0.0F, 0.7F, -19.9F}) {
    const std::vector<float> values(100, level);
    std::vector<float> found(2 * LogSpectrum::kBands);
    LogSpectrum(50).compute({values, 2}, found);
    EXPECT_THAT(found, testing::Each(FloatNear(std::log(0.01F), 1e-4F))) << level;
  }
}

}  // namespace
}  // namespace topoforge
