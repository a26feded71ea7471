#include "topoforge/core/features/window_features.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

namespace topoforge {
namespace {

using ::testing::DoubleNear;
using ::testing::Pointwise;

TEST(RecentFeatures, AreLevelSpreadAndRoughnessOfTheNewestRows) {
  // The first rows are older than kRecentRows and must not count.
  Matrix rows(kRecentRows + 2, 1, 100.0);
  for (std::size_t i = 0; i < kRecentRows; ++i) rows(i + 2, 0) = i % 2 == 0 ? 1.0 : -1.0;
  std::vector<double> features(kRecentFeaturesPerChannel);
  recent_features(rows, features);
  const std::vector<double> expected{std::asinh(-1.0), 0.0, std::asinh(1.0), std::asinh(2.0)};
  EXPECT_THAT(features, Pointwise(DoubleNear(1e-12), expected));
}

TEST(RecentFeatures, OfOneRowAreItsValue) {
  std::vector<double> features(2 * kRecentFeaturesPerChannel);
  recent_features(Matrix(1, 2, {3.0, -2.0}), features);
  const std::vector<double> expected{std::asinh(3.0), std::asinh(3.0), 0, 0, std::asinh(-2.0), std::asinh(-2.0), 0, 0};
  EXPECT_THAT(features, Pointwise(DoubleNear(1e-12), expected));
}

TEST(PoolingBlocks, CoverTheRowsAndGrowTowardsThePast) {
  for (std::size_t rows = 1; rows <= 200; ++rows) {
    for (const std::size_t channels : {1U, 8U, 24U, 200U}) {
      SCOPED_TRACE(testing::Message() << rows << " rows, " << channels << " channels");
      const std::vector<std::size_t> blocks = pooling_blocks(rows, channels);
      EXPECT_EQ(std::accumulate(blocks.begin(), blocks.end(), std::size_t{0}), rows);
      EXPECT_LE(blocks.size(), 10U);
      for (const std::size_t length : blocks) EXPECT_GE(length, 1U);
      EXPECT_LE(blocks.front(), blocks.back());
    }
  }
}

TEST(PooledFeatures, AreBlockMeansFromTheNewestBack) {
  const Matrix rows(4, 1, {100.0, 2.0, 4.0, 5.0});
  const std::vector<std::size_t> blocks{1, 2};
  std::vector<double> features(2);
  pooled_features(rows, blocks, features);
  EXPECT_DOUBLE_EQ(features[0], std::asinh(5.0));
  EXPECT_DOUBLE_EQ(features[1], std::asinh(3.0));
}

}  // namespace
}  // namespace topoforge
