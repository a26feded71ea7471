#include "topoforge/core/cloud/distance_matrix.hpp"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace topoforge {
namespace {

using ::testing::HasSubstr;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kLargest = std::numeric_limits<double>::max();

double distance(const PointCloud& cloud, Metric metric) { return pairwise_distances(cloud, metric)(0, 1); }

TEST(DistanceMatrix, LowerTriangleIsReadRowByRow) {
  const auto matrix = DistanceMatrix::from_lower_triangle({1, 2, 3, 4, 5, 6});
  ASSERT_TRUE(matrix);
  EXPECT_EQ(matrix->size(), 4u);
  EXPECT_EQ((*matrix)(1, 0), 1);
  EXPECT_EQ((*matrix)(0, 2), 2);
  EXPECT_EQ((*matrix)(2, 1), 3);
  EXPECT_EQ((*matrix)(3, 2), 6);
  EXPECT_EQ((*matrix)(3, 3), 0);
}

TEST(DistanceMatrix, NoDistancesAreZeroPoints) {
  const auto matrix = DistanceMatrix::from_lower_triangle({});
  ASSERT_TRUE(matrix);
  EXPECT_EQ(matrix->size(), 0u);
}

TEST(DistanceMatrix, LengthThatIsNoTriangleIsRefusedWithTheNearestOnes) {
  const auto matrix = DistanceMatrix::from_lower_triangle({1, 2, 3, 4});
  ASSERT_FALSE(matrix);
  EXPECT_EQ(matrix.error().code, ErrorCode::invalid_data);
  EXPECT_THAT(matrix.error().message, HasSubstr("got 4"));
  EXPECT_THAT(matrix.error().message, HasSubstr("3 for 3 points and 6 for 4 points"));
}

TEST(DistanceMatrix, EntryThatIsNoDistanceIsRefusedByItsPlace) {
  for (const double entry : {-1.0, kNan, kInfinity}) {
    const auto lower = DistanceMatrix::from_lower_triangle({1, 2, entry});
    ASSERT_FALSE(lower);
    EXPECT_THAT(lower.error().message, HasSubstr("(2, 1)"));
    const auto square = DistanceMatrix::from_square(Matrix(2, 2, {0, entry, entry, 0}));
    ASSERT_FALSE(square);
    EXPECT_THAT(square.error().message, HasSubstr("(1, 0)"));
  }
}

TEST(DistanceMatrix, SquareGivesTheSameAsItsLowerTriangle) {
  const auto square = DistanceMatrix::from_square(Matrix(3, 3, {0, 1, 2, 1, 0, 3, 2, 3, 0}));
  ASSERT_TRUE(square);
  EXPECT_EQ(square->lower(), DistanceMatrix::from_lower_triangle({1, 2, 3})->lower());
  EXPECT_EQ(DistanceMatrix::from_square(Matrix(1, 1))->size(), 1u);
}

TEST(DistanceMatrix, SquareThatIsNoDistanceMatrixIsRefusedByItsPlace) {
  const auto oblong = DistanceMatrix::from_square(Matrix(2, 3));
  ASSERT_FALSE(oblong);
  EXPECT_THAT(oblong.error().message, HasSubstr("2 rows and 3 columns"));
  const auto skewed = DistanceMatrix::from_square(Matrix(2, 2, {0, 1, 2, 0}));
  ASSERT_FALSE(skewed);
  EXPECT_THAT(skewed.error().message, HasSubstr("(1, 0) is 2 but (0, 1) is 1"));
  const auto lifted = DistanceMatrix::from_square(Matrix(2, 2, {0, 1, 1, kNan}));
  ASSERT_FALSE(lifted);
  EXPECT_THAT(lifted.error().message, HasSubstr("(1, 1)"));
}

TEST(PairwiseDistances, MetricsOfAPythagoreanTriangle) {
  const PointCloud cloud{2, {1, 1, 4, 5}};
  EXPECT_EQ(distance(cloud, Metric::euclidean), 5);
  EXPECT_EQ(distance(cloud, Metric::manhattan), 7);
  EXPECT_EQ(distance(cloud, Metric::chebyshev), 4);
}

TEST(PairwiseDistances, CosineDependsOnDirectionAlone) {
  const PointCloud cloud{2, {3, 0, 0, 1e-200, -1e300, 0, 0, 0, 0, 0, 7, 0}};
  const DistanceMatrix matrix = pairwise_distances(cloud, Metric::cosine);
  EXPECT_EQ(matrix(0, 1), 1);
  EXPECT_EQ(matrix(0, 2), 2);
  EXPECT_EQ(matrix(0, 3), 1);
  EXPECT_EQ(matrix(3, 4), 0);
  EXPECT_EQ(matrix(0, 5), 0);
}

TEST(PairwiseDistances, EqualPointsAreAtDistanceZeroInEveryMetric) {
  const PointCloud cloud{3, {0.1, 0.2, 0.7, 0.1, 0.2, 0.7}};
  for (const Metric metric : {Metric::euclidean, Metric::manhattan, Metric::chebyshev, Metric::cosine}) {
    EXPECT_EQ(distance(cloud, metric), 0);
  }
}

TEST(PairwiseDistances, VeryLargeAndVerySmallCoordinatesKeepTheirDistance) {
  EXPECT_DOUBLE_EQ(distance({2, {0, 0, 3e200, 4e200}}, Metric::euclidean), 5e200);
  EXPECT_DOUBLE_EQ(distance({2, {0, 0, 3e-200, 4e-200}}, Metric::euclidean), 5e-200);
  EXPECT_EQ(distance({2, {0, 0, 0, 5e-324}}, Metric::euclidean), 5e-324);
  for (const Metric metric : {Metric::euclidean, Metric::manhattan, Metric::chebyshev}) {
    EXPECT_EQ(distance({1, {-kLargest, kLargest}}, metric), kLargest);
  }
}

TEST(PairwiseDistances, FewerThanTwoPointsHaveNoDistances) {
  EXPECT_EQ(pairwise_distances({}).size(), 0u);
  EXPECT_EQ(pairwise_distances({2, {1, 2}}).size(), 1u);
  EXPECT_TRUE(pairwise_distances({2, {1, 2}}).lower().empty());
}

}  // namespace
}  // namespace topoforge
