#include "topoforge/core/score/isolation_forest.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace topoforge {
namespace {

Matrix normal_points(std::size_t count, std::size_t dimension, std::uint64_t seed) {
  Random random(seed);
  Matrix points(count, dimension);
  for (double& value : points.values) value = random.normal();
  return points;
}

TEST(IsolationForest, RanksOutliersAboveInliers) {
  const Matrix points = normal_points(500, 3, 1);
  const IsolationForest forest = IsolationForest::fit(points);
  const double centre = forest.score(std::vector<double>{0.0, 0.0, 0.0});
  const double outlier = forest.score(std::vector<double>{6.0, 6.0, 6.0});
  EXPECT_LT(centre, 0.5);
  EXPECT_GT(outlier, 0.7);
}

TEST(IsolationForest, IsAFunctionOfDataAndSeed) {
  const Matrix points = normal_points(300, 2, 3);
  const std::vector<double> point{1.0, -2.0};
  EXPECT_EQ(IsolationForest::fit(points, {.seed = 5}).score(point),
            IsolationForest::fit(points, {.seed = 5}).score(point));
  EXPECT_NE(IsolationForest::fit(points, {.seed = 5}).score(point),
            IsolationForest::fit(points, {.seed = 6}).score(point));
}

TEST(IsolationForest, GivesEveryPointHalfWhenNothingCanBeCut) {
  // Equal points fill one leaf: h = c(subsample), so 2^-1 (Liu 2008, section 3).
  const IsolationForest forest = IsolationForest::fit(Matrix(64, 2, 1.0));
  EXPECT_NEAR(forest.score(std::vector<double>{1.0, 1.0}), 0.5, 1e-12);
}

TEST(IsolationForest, TakesASinglePoint) {
  const IsolationForest forest = IsolationForest::fit(Matrix(1, 1, 4.0));
  EXPECT_GE(forest.score(std::vector<double>{4.0}), 0.0);
  EXPECT_LE(forest.score(std::vector<double>{4.0}), 1.0);
}

TEST(IsolationForest, IsolatesAPointOnALineAfterTheExpectedPathLength) {
  // Two points: each tree cuts once between them, so h = 1 = c(2) and the score is 2^-1 for both.
  const IsolationForest forest = IsolationForest::fit(Matrix(2, 1, {0.0, 1.0}));
  EXPECT_DOUBLE_EQ(forest.score(std::vector<double>{0.0}), 0.5);
  EXPECT_DOUBLE_EQ(forest.score(std::vector<double>{1.0}), 0.5);
}

}  // namespace
}  // namespace topoforge
