#include "topoforge/core/cloud/window_cloud.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "topoforge/base/random.hpp"

namespace topoforge {
namespace {

using ::testing::ElementsAre;

TEST(WindowCloud, OfSeveralChannelsHoldsAverageRanks) {
  const Matrix window(4, 2, {10.0, 5.0, 30.0, 5.0, 20.0, 5.0, 20.0, 5.0});
  const PointCloud cloud = window_cloud(window, 1);
  EXPECT_THAT(cloud.coordinates, ElementsAre(0.0, 0.5, 1.0, 0.5, 0.5, 0.5, 0.5, 0.5));
}

TEST(WindowCloud, OfSeveralChannelsIgnoresIncreasingTransformations) {
  Random random(3);
  Matrix window(30, 3);
  for (double& value : window.values) value = random.normal();
  Matrix bent = window;
  for (double& value : bent.values) value = std::exp(value) * 1000.0 + 7.0;
  EXPECT_EQ(window_cloud(window, 1), window_cloud(bent, 1));
}

TEST(WindowCloud, OfOneChannelIsADelayEmbeddingWithAtLeastHalfOfTheWindow) {
  Matrix window(20, 1);
  for (std::size_t i = 0; i < 20; ++i) window(i, 0) = static_cast<double>(i);
  const PointCloud cloud = window_cloud(window, 15);
  EXPECT_EQ(cloud.dimension, 3U);
  EXPECT_GE(cloud.size(), 10U);
}

TEST(WindowCloud, OfOneChannelHasTheDimensionAndLagThatAreAskedFor) {
  Matrix window(20, 1);
  for (std::size_t i = 0; i < 20; ++i) window(i, 0) = static_cast<double>(i);
  const PointCloud cloud = window_cloud(window, 3, 4);
  EXPECT_EQ(cloud.dimension, 4U);
  EXPECT_EQ(cloud.size(), 11U);
  EXPECT_THAT(std::vector(cloud.coordinates.begin(), cloud.coordinates.begin() + 4), ElementsAre(0.0, 3.0, 6.0, 9.0));
  EXPECT_EQ(window_cloud(window, 5, 1).size(), 20U);
}

TEST(WindowCloud, OfTwoRowsOfOneChannelStillHasPoints) {
  EXPECT_EQ(window_cloud(Matrix(2, 1, {1.0, 2.0}), 4).size(), 2U);
  EXPECT_EQ(window_cloud(Matrix(3, 1, {1.0, 2.0, 3.0}), 4).size(), 1U);
}

TEST(MedianDistance, IsThatOfTheSortedDistances) {
  Random random(5);
  for (std::size_t count = 1; count <= 300; count += count < 20 ? 1 : 37) {
    for (const double scale : {1.0, 1e-320, 1e-300, 1e300}) {
      for (const bool ties : {false, true}) {
        std::vector<double> distances(count);
        for (double& distance : distances) {
          const double any = random.uniform();
          distance = scale * (ties ? std::floor(3.0 * any) : any * any);
        }
        std::vector<double> sorted = distances;
        std::ranges::sort(sorted);
        EXPECT_EQ(median_distance(distances), sorted[count / 2]) << count << " distances, scale " << scale;
      }
    }
  }
  EXPECT_EQ(median_distance({}), 0.0);
}

TEST(NormalisedDistances, HaveAMedianOfOneAndKeepAllZero) {
  Random random(4);
  PointCloud cloud{.dimension = 2, .coordinates = {}};
  for (int i = 0; i < 42; ++i) cloud.coordinates.push_back(random.normal());
  std::vector<double> distances = normalised_distances(cloud).lower();
  std::nth_element(distances.begin(), distances.begin() + static_cast<std::ptrdiff_t>(distances.size() / 2),
                   distances.end());
  EXPECT_EQ(distances[distances.size() / 2], 1.0);
  const PointCloud same{.dimension = 1, .coordinates = {2.0, 2.0, 2.0}};
  EXPECT_THAT(normalised_distances(same).lower(), ElementsAre(0.0, 0.0, 0.0));
}

}  // namespace
}  // namespace topoforge
