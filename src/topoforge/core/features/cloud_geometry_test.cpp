#include "topoforge/core/features/cloud_geometry.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <numeric>
#include <span>
#include <vector>

#include "topoforge/base/random.hpp"
#include "topoforge/core/cloud/window_cloud.hpp"

namespace topoforge {
namespace {

using ::testing::FloatNear;
using ::testing::Pointwise;
using Features = std::array<float, kCloudGeometryFeatures>;

/// Those that do not ask when a point was.
constexpr std::size_t kTimeless = 21;

Features geometry_of(const DistanceMatrix& distances) {
  Features features;
  features.fill(-1e9F);
  cloud_geometry(distances, features);
  return features;
}

PointCloud blob(std::size_t count, std::size_t dimension, std::uint64_t seed) {
  Random random(seed);
  PointCloud cloud{.dimension = dimension, .coordinates = std::vector<double>(count * dimension)};
  for (double& coordinate : cloud.coordinates) coordinate = random.normal();
  return cloud;
}

PointCloud ring(std::size_t count, std::uint64_t seed) {
  Random random(seed);
  PointCloud cloud{.dimension = 2, .coordinates = {}};
  for (std::size_t i = 0; i < count; ++i) {
    const double angle = 2.0 * std::numbers::pi * random.uniform();
    const double radius = 1.0 + 0.05 * random.normal();
    cloud.coordinates.insert(cloud.coordinates.end(), {radius * std::cos(angle), radius * std::sin(angle)});
  }
  return cloud;
}

double difference(std::span<const float> a, std::span<const float> b) {
  double squares = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i)
    squares += std::pow(static_cast<double>(a[i]) - static_cast<double>(b[i]), 2);
  return std::sqrt(squares);
}

TEST(CloudGeometry, DoesNotSeeTheScaleOfNormalisedDistances) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    const std::size_t count = 10 + random.below(90);
    const DistanceMatrix distances = pairwise_distances(blob(count, 3, seed));
    const Features expected = geometry_of(normalised(distances));
    for (const double factor : {1e-6, 0.37, 1234.5}) {
      std::vector<double> lower = distances.lower();
      for (double& distance : lower) distance *= factor;
      const Features found = geometry_of(normalised(DistanceMatrix::trusted(count, std::move(lower))));
      ASSERT_THAT(found, Pointwise(FloatNear(1e-5F), expected)) << factor;
    }
  }
}

TEST(CloudGeometry, SeesTheOrderOfPointsInItsLastTwoFeaturesAlone) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    const std::size_t count = 40 + random.below(60);
    const PointCloud cloud = ring(count, seed);
    std::vector<std::size_t> order(count);
    std::iota(order.begin(), order.end(), 0U);
    for (std::size_t i = 0; i + 1 < count; ++i) std::swap(order[i], order[i + random.below(count - i)]);
    PointCloud shuffled{.dimension = 2, .coordinates = {}};
    for (const std::size_t i : order)
      shuffled.coordinates.insert(shuffled.coordinates.end(), cloud.point(i).begin(), cloud.point(i).end());
    const Features expected = geometry_of(normalised_distances(cloud));
    const Features found = geometry_of(normalised_distances(shuffled));
    ASSERT_THAT(std::span(found).first(kTimeless), Pointwise(FloatNear(1e-5F), std::span(expected).first(kTimeless)));
    ASSERT_GT(difference(std::span(found).subspan(kTimeless), std::span(expected).subspan(kTimeless)), 1e-3);
  }
}

TEST(CloudGeometry, KnowsPointsThatFollowEachOther) {
  PointCloud line{.dimension = 1, .coordinates = {}};
  for (std::size_t i = 0; i < 50; ++i)
    line.coordinates.push_back(static_cast<double>(i) + 0.01 * static_cast<double>(i % 3));
  const Features features = geometry_of(normalised_distances(line));
  // Inside the line the four neighbours are at most two rows apart, which are all but six edges of two hundred.
  EXPECT_NEAR(features[22], 4.0 * 194.0 / 200.0, 1e-6);
  EXPECT_LT(features[21], 0.5);
  EXPECT_GT(geometry_of(normalised_distances(ring(50, 1)))[21], 1.5);
}

TEST(CloudGeometry, TellsARingFromABlob) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const Features first = geometry_of(normalised_distances(ring(100, seed)));
    const Features second = geometry_of(normalised_distances(ring(100, seed + 100)));
    const Features other = geometry_of(normalised_distances(blob(100, 2, seed)));
    EXPECT_GT(difference(first, other), 2.0 * difference(first, second)) << seed;
  }
}

TEST(CloudGeometry, HasQuantilesOfTheDistances) {
  const DistanceMatrix distances = normalised_distances(blob(100, 3, 5));
  std::vector<double> sorted = distances.lower();
  std::sort(sorted.begin(), sorted.end());
  const Features features = geometry_of(distances);
  constexpr std::array kLevels = {0.02, 0.05, 0.1, 0.25, 0.75, 0.9, 0.95, 0.98};
  for (std::size_t k = 0; k < kLevels.size(); ++k) {
    const double expected = sorted[static_cast<std::size_t>(kLevels[k] * static_cast<double>(sorted.size() - 1))];
    EXPECT_NEAR(std::exp(features[k]) - 0.01, expected, 2.0 * sorted.back() / 1023.0) << kLevels[k];
  }
}

TEST(CloudGeometry, HasTheDistancesToNeighbours) {
  const DistanceMatrix distances = normalised_distances(blob(60, 3, 6));
  const Features features = geometry_of(distances);
  std::size_t place = 8;
  for (const std::size_t k : {1U, 4U, 8U}) {
    std::vector<double> kth;
    double mean = 0.0;
    for (std::size_t i = 0; i < 60; ++i) {
      std::vector<double> row;
      for (std::size_t j = 0; j < 60; ++j) row.push_back(distances(i, j));
      std::sort(row.begin(), row.end());
      kth.push_back(row[k]);
      mean += row[k] / 60.0;
    }
    std::sort(kth.begin(), kth.end());
    EXPECT_NEAR(features[place++], std::log(0.01 + mean), 1e-5) << k;
    EXPECT_NEAR(features[place++], std::log(0.01 + kth[6]), 1e-5) << k;
    EXPECT_NEAR(features[place++], std::log(0.01 + kth[54]), 1e-5) << k;
  }
}

TEST(CloudGeometry, HasTheGraphOfFourNeighbours) {
  constexpr std::size_t kPoints = 60;
  constexpr double kEdges = 4.0 * kPoints;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE(seed);
    const DistanceMatrix distances = normalised_distances(blob(kPoints, 3, seed));
    std::array<std::array<bool, kPoints>, kPoints> edge{};
    for (std::size_t i = 0; i < kPoints; ++i) {
      std::vector<std::size_t> others;
      for (std::size_t j = 0; j < kPoints; ++j) {
        if (j != i) others.push_back(j);
      }
      std::ranges::sort(others, {}, [&](std::size_t j) { return distances(i, j); });
      for (std::size_t k = 0; k < 4; ++k) edge[i][others[k]] = true;
    }
    double squares = 0.0;
    double most = 0.0;
    double mutual = 0.0;
    double closed = 0.0;
    double apart = 0.0;
    double soon = 0.0;
    for (std::size_t i = 0; i < kPoints; ++i) {
      double degree = 0.0;
      for (std::size_t j = 0; j < kPoints; ++j) {
        degree += edge[j][i] ? 1.0 : 0.0;
        if (!edge[i][j]) continue;
        mutual += edge[j][i] ? 1.0 : 0.0;
        const double time = std::abs(static_cast<double>(i) - static_cast<double>(j));
        apart += std::log(time);
        soon += time <= 2.0 ? 1.0 : 0.0;
        for (std::size_t l = 0; l < j; ++l) closed += edge[i][l] && (edge[j][l] || edge[l][j]) ? 1.0 : 0.0;
      }
      squares += (degree - 4.0) * (degree - 4.0);
      most = std::max(most, degree);
    }
    const Features features = geometry_of(distances);
    EXPECT_NEAR(features[17], std::sqrt(squares / kPoints), 1e-5);
    EXPECT_NEAR(features[18], most / 4.0, 1e-5);
    EXPECT_NEAR(features[19], 4.0 * mutual / kEdges, 1e-5);
    // Of the six pairs of each point's neighbours.
    EXPECT_NEAR(features[20], 4.0 * closed / (6.0 * kPoints), 1e-5);
    EXPECT_NEAR(features[21], apart / kEdges, 1e-5);
    EXPECT_NEAR(features[22], 4.0 * soon / kEdges, 1e-5);
  }
}

TEST(CloudGeometry, OfEqualPointsIsFinite) {
  for (const std::size_t count : {10U, 11U, 100U}) {
    const PointCloud cloud{.dimension = 2, .coordinates = std::vector<double>(2 * count, 0.3)};
    for (const float feature : geometry_of(normalised_distances(cloud))) EXPECT_TRUE(std::isfinite(feature)) << count;
  }
}

TEST(CloudGeometry, OfEqualPointsButOneIsFinite) {
  PointCloud cloud{.dimension = 1, .coordinates = std::vector<double>(40, 1.0)};
  cloud.coordinates[7] = 2.0;
  for (const float feature : geometry_of(normalised_distances(cloud))) EXPECT_TRUE(std::isfinite(feature));
}

}  // namespace
}  // namespace topoforge
