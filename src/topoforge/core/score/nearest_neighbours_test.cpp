#include "topoforge/core/score/nearest_neighbours.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "topoforge/base/random.hpp"

namespace topoforge {
namespace {

std::vector<float> normals(std::size_t count, Random& random) {
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(random.normal());
  return values;
}

/// By a sorted list of all distances.
double expected_distance(std::span<const float> references, std::span<const float> point) {
  std::vector<double> distances;
  for (std::size_t first = 0; first < references.size(); first += point.size()) {
    double squares = 0.0;
    for (std::size_t j = 0; j < point.size(); ++j)
      squares += std::pow(static_cast<double>(references[first + j]) - static_cast<double>(point[j]), 2);
    distances.push_back(std::sqrt(squares));
  }
  std::sort(distances.begin(), distances.end());
  return distances[std::min(kNeighbours, distances.size()) - 1];
}

TEST(NeighbourDistance, IsTheRootOfTheOrderStatistic) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    std::vector<float> squared(1 + random.below(60));
    // A few values only, so that many are equal.
    for (float& value : squared) value = static_cast<float>(random.below(25)) / 4.0F;
    std::vector<float> sorted = squared;
    std::sort(sorted.begin(), sorted.end());
    for (std::size_t k = 1; k <= 16; ++k) {
      std::vector<float> given = squared;
      ASSERT_EQ(neighbour_distance(given, k), std::sqrt(sorted[std::min(k, sorted.size()) - 1])) << k;
    }
  }
}

TEST(NearestNeighbours, AgreeWithASortedListOnRandomPoints) {
  std::vector<float> scratch;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    const std::size_t dimension = 1 + random.below(12);
    const std::vector<float> references = normals((1 + random.below(70)) * dimension, random);
    const NearestNeighbours neighbours(references, dimension);
    for (int i = 0; i < 10; ++i) {
      const std::vector<float> point = normals(dimension, random);
      const double expected = expected_distance(references, point);
      ASSERT_NEAR(neighbours.distance(point, scratch), expected, 1e-5 * expected);
    }
  }
}

TEST(NearestNeighbours, OfFewerThanWantedGiveTheFarthest) {
  std::vector<float> scratch;
  for (std::size_t count = 1; count <= kNeighbours; ++count) {
    std::vector<float> references;
    for (std::size_t i = 1; i <= count; ++i) references.push_back(static_cast<float>(i));
    const NearestNeighbours neighbours(references, 1);
    EXPECT_EQ(neighbours.distance(std::vector<float>{0.0F}, scratch), static_cast<float>(count)) << count;
  }
}

TEST(NearestNeighbours, AreTheSameWhateverFillsTheLastBlock) {
  std::vector<float> scratch;
  for (std::size_t count = 14; count <= 34; ++count) {
    std::vector<float> references(count * 3, 100.0F);
    for (std::size_t i = 0; i < kNeighbours; ++i) references[(count - 1 - i) * 3] = 101.0F;
    const NearestNeighbours neighbours(references, 3);
    EXPECT_EQ(neighbours.distance(std::vector<float>{105.0F, 100.0F, 100.0F}, scratch), 4.0F) << count;
  }
}

TEST(NearestNeighbours, CountADuplicateAsOftenAsItOccurs) {
  std::vector<float> scratch;
  const std::vector<float> point{1.0F, 1.0F};
  std::vector<float> references{4.0F, 5.0F};
  for (std::size_t i = 0; i + 1 < kNeighbours; ++i) references.insert(references.end(), {1.0F, 1.0F});
  EXPECT_EQ(NearestNeighbours(references, 2).distance(point, scratch), 5.0F);
  references.insert(references.end(), {1.0F, 1.0F});
  EXPECT_EQ(NearestNeighbours(references, 2).distance(point, scratch), 0.0F);
}

}  // namespace
}  // namespace topoforge
