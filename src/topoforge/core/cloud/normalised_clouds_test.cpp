#include "topoforge/core/cloud/normalised_clouds.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "topoforge/base/random.hpp"

namespace topoforge {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

Matrix normals(std::size_t rows, std::size_t columns, std::uint64_t seed) {
  Random random(seed);
  Matrix matrix(rows, columns);
  for (double& value : matrix.values) value = random.normal();
  return matrix;
}

TEST(DelayedRows, AreTheNewestOldestFirstBesideThoseBefore) {
  const std::vector<float> values{0, 1, 10, 11, 20, 21, 30, 31, 40, 41, 50, 51};
  const Matrix plain = delayed_rows({values, 2}, 3, 0);
  EXPECT_EQ(plain, Matrix(3, 2, {30, 31, 40, 41, 50, 51}));
  const Matrix delayed = delayed_rows({values, 2}, 3, 2);
  EXPECT_EQ(delayed, Matrix(3, 4, {30, 31, 10, 11, 40, 41, 20, 21, 50, 51, 30, 31}));
  EXPECT_EQ(delayed_rows({values, 2}, 3, 3), Matrix(3, 4, {30, 31, 0, 1, 40, 41, 10, 11, 50, 51, 20, 21}));
}

TEST(RankCloud, GivesTiesTheirAverageRank) {
  const Matrix rows(5, 2, {3.0, -1.0, 1.0, 5.0, 3.0, 5.0, 2.0, 5.0, 7.0, 9.0});
  const PointCloud cloud = rank_cloud(rows);
  EXPECT_EQ(cloud.dimension, 2U);
  EXPECT_THAT(cloud.coordinates, ElementsAre(0.625, 0.0, 0.0, 0.5, 0.625, 0.5, 0.25, 0.5, 1.0, 1.0));
}

TEST(RankCloud, AgreesWithCountingOnRandomRows) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    Matrix rows(2 + random.below(40), 1 + random.below(4));
    for (double& value : rows.values) value = static_cast<double>(random.below(15));
    const PointCloud cloud = rank_cloud(rows);
    for (std::size_t column = 0; column < rows.columns; ++column) {
      for (std::size_t i = 0; i < rows.rows; ++i) {
        double below = 0.0;
        double equal = 0.0;
        for (std::size_t j = 0; j < rows.rows; ++j) {
          if (j == i) continue;
          below += rows(j, column) < rows(i, column) ? 1.0 : 0.0;
          equal += rows(j, column) == rows(i, column) ? 1.0 : 0.0;
        }
        ASSERT_DOUBLE_EQ(cloud.point(i)[column], (below + equal / 2.0) / static_cast<double>(rows.rows - 1));
      }
    }
  }
}

TEST(RankCloud, DoesNotSeeIncreasingMapsOfAColumn) {
  const Matrix rows = normals(50, 3, 1);
  Matrix mapped = rows;
  for (std::size_t i = 0; i < rows.rows; ++i) {
    mapped(i, 0) = std::exp(rows(i, 0));
    mapped(i, 1) = 1e6 + 1e-3 * rows(i, 1);
    mapped(i, 2) = std::atan(rows(i, 2));
  }
  EXPECT_EQ(rank_cloud(mapped), rank_cloud(rows));
}

TEST(RankCloud, PutsAConstantColumnAndASingleRowInTheMiddle) {
  EXPECT_THAT(rank_cloud(Matrix(7, 2, 3.25)).coordinates, Each(0.5));
  EXPECT_THAT(rank_cloud(Matrix(1, 3, {1.0, 2.0, 3.0})).coordinates, Each(0.5));
}

TEST(WhitenedCloud, HasTheMeanZeroAndTheIdentityAsCovariance) {
  Matrix rows = normals(200, 3, 2);
  for (std::size_t i = 0; i < rows.rows; ++i) {
    rows(i, 1) = 5.0 + 2.0 * rows(i, 1) + rows(i, 0);
    rows(i, 2) = -3.0 + 0.7 * rows(i, 2) - 0.4 * rows(i, 1);
  }
  const PointCloud cloud = whitened_cloud(rows);
  ASSERT_EQ(cloud.size(), rows.rows);
  for (std::size_t a = 0; a < 3; ++a) {
    double mean = 0.0;
    for (std::size_t i = 0; i < cloud.size(); ++i) mean += cloud.point(i)[a] / 200.0;
    EXPECT_NEAR(mean, 0.0, 1e-12) << a;
    for (std::size_t b = 0; b <= a; ++b) {
      double covariance = 0.0;
      for (std::size_t i = 0; i < cloud.size(); ++i) covariance += cloud.point(i)[a] * cloud.point(i)[b] / 200.0;
      EXPECT_NEAR(covariance, a == b ? 1.0 : 0.0, 0.02) << a << ' ' << b;
    }
  }
}

TEST(WhitenedCloud, KeepsItsDistancesUnderAnInvertibleLinearMap) {
  const Matrix rows = normals(80, 3, 3);
  constexpr std::array<std::array<double, 3>, 3> kMap = {{{1.0, 0.5, 0.0}, {-0.3, 1.5, 0.2}, {0.1, 0.0, 0.8}}};
  Matrix mapped(80, 3);
  for (std::size_t i = 0; i < 80; ++i) {
    for (std::size_t a = 0; a < 3; ++a) {
      mapped(i, a) = 10.0;
      for (std::size_t b = 0; b < 3; ++b) mapped(i, a) += kMap[a][b] * rows(i, b);
    }
  }
  const DistanceMatrix expected = pairwise_distances(whitened_cloud(rows));
  const DistanceMatrix found = pairwise_distances(whitened_cloud(mapped));
  for (std::size_t k = 0; k < expected.lower().size(); ++k)
    ASSERT_NEAR(found.lower()[k], expected.lower()[k], 0.01 * expected.lower()[k]) << k;
}

TEST(WhitenedCloud, DoesNotBlowUpATinyDirection) {
  Matrix rows = normals(100, 2, 4);
  for (std::size_t i = 0; i < rows.rows; ++i) rows(i, 1) *= 1e-4;
  const PointCloud cloud = whitened_cloud(rows);
  std::array<double, 2> squares{};
  for (std::size_t i = 0; i < cloud.size(); ++i) {
    for (std::size_t a = 0; a < 2; ++a) squares[a] += cloud.point(i)[a] * cloud.point(i)[a] / 100.0;
  }
  EXPECT_LT(std::min(squares[0], squares[1]), 1e-4);
  EXPECT_NEAR(std::max(squares[0], squares[1]), 1.0, 0.01);
}

TEST(WhitenedCloud, OfConstantRowsIsZero) {
  Matrix rows(16, 2, 1.25);
  EXPECT_THAT(whitened_cloud(rows).coordinates, Each(0.0));
  EXPECT_THAT(whitened_cloud(Matrix(1, 3, {0.1, 0.2, 0.3})).coordinates, Each(0.0));
}

TEST(WeightedDistances, AgreeWithTheDefinitionOnRandomClouds) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    const std::size_t n = 3 + random.below(50);
    const Matrix rows = normals(n, 2, seed + 1000);
    const DistanceMatrix distances = pairwise_distances(PointCloud{2, rows.values});
    for (const double share : {0.0, 0.08, 0.3, 1.0}) {
      const std::size_t nearest =
          std::min(std::max<std::size_t>(static_cast<std::size_t>(share * static_cast<double>(n)), 2), n - 1);
      std::vector<double> measure;
      for (std::size_t i = 0; i < n; ++i) {
        std::vector<double> row;
        for (std::size_t j = 0; j < n; ++j) row.push_back(distances(i, j));
        std::sort(row.begin(), row.end());
        double squares = 0.0;
        for (std::size_t k = 1; k <= nearest; ++k) squares += row[k] * row[k];
        measure.push_back(std::sqrt(squares / static_cast<double>(nearest)));
      }
      const DistanceMatrix found = weighted_distances(distances, share);
      ASSERT_EQ(found.size(), n);
      for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j < i; ++j)
          ASSERT_NEAR(found(i, j), distances(i, j) + measure[i] + measure[j], 1e-12) << share;
      }
    }
  }
}

TEST(WeightedDistances, LeaveFewerThanThreePointsAlone) {
  EXPECT_THAT(weighted_distances(DistanceMatrix::trusted(2, {1.5}), 0.1).lower(), ElementsAre(1.5));
  EXPECT_EQ(weighted_distances(DistanceMatrix(), 0.1).size(), 0U);
}

}  // namespace
}  // namespace topoforge
