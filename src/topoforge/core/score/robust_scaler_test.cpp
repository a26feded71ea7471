#include "topoforge/core/score/robust_scaler.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace topoforge {
namespace {

double quantile_of(std::vector<double> values, double level) { return quantile(values, level); }

TEST(Quantile, InterpolatesBetweenOrderStatistics) {
  // NumPy: np.quantile([3, 1, 4, 1, 5, 9, 2, 6], [0, .1, .5, .9, 1]).
  const std::vector<double> values{3, 1, 4, 1, 5, 9, 2, 6};
  EXPECT_DOUBLE_EQ(quantile_of(values, 0.0), 1.0);
  EXPECT_DOUBLE_EQ(quantile_of(values, 0.1), 1.0);
  EXPECT_DOUBLE_EQ(quantile_of(values, 0.5), 3.5);
  EXPECT_DOUBLE_EQ(quantile_of(values, 0.9), 6.9);
  EXPECT_DOUBLE_EQ(quantile_of(values, 1.0), 9.0);
  EXPECT_DOUBLE_EQ(quantile_of({7.0}, 0.3), 7.0);
}

TEST(RobustScaler, UsesMedianAndMedianAbsoluteDeviation) {
  const RobustScaler scaler = RobustScaler::fit(Matrix(5, 1, {1.0, 2.0, 3.0, 4.0, 5.0}));
  EXPECT_DOUBLE_EQ(scaler.centre()[0], 3.0);
  EXPECT_DOUBLE_EQ(scaler.scale()[0], 1.4826);
  EXPECT_DOUBLE_EQ(scaler.scaled(3.0 + 1.4826, 0), 1.0);
}

TEST(RobustScaler, ClipsFarOutliers) {
  const RobustScaler scaler = RobustScaler::fit(Matrix(5, 1, {1.0, 2.0, 3.0, 4.0, 5.0}));
  EXPECT_EQ(scaler.scaled(1e150, 0), RobustScaler::kClip);
  EXPECT_EQ(scaler.scaled(-1e150, 0), -RobustScaler::kClip);
}

TEST(RobustScaler, DoesNotBlowUpATinyChangeOfAConstantChannel) {
  const RobustScaler scaler = RobustScaler::fit(Matrix(50, 1, 200.0));
  EXPECT_DOUBLE_EQ(scaler.scale()[0], 2.0);
  EXPECT_LT(scaler.scaled(200.1, 0), 0.1);
}

TEST(RobustScaler, SeesAChannelThatSeldomLeavesItsUsualValue) {
  Matrix rows(100, 1, 0.0);
  rows(10, 0) = 5.0;
  // The median absolute deviation is 0; a quarter of the standard deviation is not.
  EXPECT_NEAR(RobustScaler::fit(rows).scale()[0], 0.25 * 0.4975, 1e-4);
}

TEST(RobustScaler, GivesDetectorsMultiplesOfItsResolution) {
  const RobustScaler scaler = RobustScaler::fit(Matrix(5, 2, {0.0, 7.0, 1.0, 7.0, 2.0, 7.0, 3.0, 7.0, 4.0, 7.0}));
  const std::vector<double> rows{2.0 + scaler.scale()[0] / 3.0, 7.0 + 1e-4, 1e9, 7.0 - scaler.scale()[1]};
  std::vector<float> scaled(4);
  scaler.scale(rows, scaled);
  EXPECT_EQ(scaled, (std::vector<float>{21.0F / 64.0F, 0.0F, 20.0F, -1.0F}));
}

}  // namespace
}  // namespace topoforge
