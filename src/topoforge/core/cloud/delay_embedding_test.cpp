#include "topoforge/core/cloud/delay_embedding.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>
#include <vector>

#include "topoforge/base/random.hpp"

namespace topoforge {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(DelayEmbedding, PutsLaggedSamplesSideBySide) {
  const std::vector<double> values{1, 2, 3, 4, 5};
  const PointCloud cloud = *delay_embed(values, {.dimension = 2, .lag = 2});
  EXPECT_EQ(cloud.dimension, 2U);
  EXPECT_THAT(cloud.coordinates, ElementsAre(1, 3, 2, 4, 3, 5));
}

TEST(DelayEmbedding, SaysWhatItNeedsAndGot) {
  const std::vector<double> values(60);
  const auto result = delay_embed(values, {.dimension = 3, .lag = 40});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::invalid_argument);
  EXPECT_THAT(result.error().message, HasSubstr("lag 40 with dimension 3"));
  EXPECT_THAT(result.error().message, HasSubstr("60"));
}

TEST(DelayEmbedding, RefusesZerosAndWhatWouldOverflow) {
  const std::vector<double> values(10);
  EXPECT_FALSE(delay_embed(values, {.dimension = 0, .lag = 1}));
  EXPECT_FALSE(delay_embed(values, {.dimension = 2, .lag = 0}));
  // -1 turned into an unsigned number.
  EXPECT_FALSE(delay_embed(values, {.dimension = 3, .lag = std::numeric_limits<std::size_t>::max()}));
}

TEST(DecorrelationLag, OfASineIsNearAFifthOfItsPeriod) {
  // cos(2 pi lag / 40) < 1/e first at lag 8.
  std::vector<double> values;
  for (int t = 0; t < 4000; ++t) values.push_back(std::sin(2.0 * std::numbers::pi * t / 40.0));
  EXPECT_EQ(decorrelation_lag(values, 15), 8U);
}

TEST(DecorrelationLag, OfNoiseIsOneWithOrWithoutATrend) {
  Random random(1);
  std::vector<double> noise;
  std::vector<double> drifting;
  for (int t = 0; t < 1000; ++t) {
    noise.push_back(random.normal());
    drifting.push_back(noise.back() + 0.1 * t);
  }
  EXPECT_EQ(decorrelation_lag(noise, 15), 1U);
  EXPECT_EQ(decorrelation_lag(drifting, 15), 1U);
}

TEST(DecorrelationLag, OfAConstantIsOneAndOfASlowWaveTheLongestAllowed) {
  EXPECT_EQ(decorrelation_lag(std::vector<double>(100, 3.0), 15), 1U);
  std::vector<double> slow;
  for (int t = 0; t < 4000; ++t) slow.push_back(std::sin(2.0 * std::numbers::pi * t / 400.0));
  EXPECT_EQ(decorrelation_lag(slow, 15), 15U);
}

}  // namespace
}  // namespace topoforge
