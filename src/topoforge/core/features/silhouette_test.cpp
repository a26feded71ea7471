#include "topoforge/core/features/silhouette.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace topoforge {
namespace {

using testing::DoubleEq;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
constexpr double kInfinity = std::numeric_limits<double>::infinity();
using Pairs = std::vector<PersistencePair>;

TEST(Silhouette, OfOnePairIsItsTent) {
  for (const double power : {0.0, 1.0, 7.5}) {
    const auto found = silhouette(Pairs{{1.0, 3.0}}, {.power = power, .resolution = 5});
    ASSERT_TRUE(found);
    EXPECT_THAT(found->grid, ElementsAre(1.0, 1.5, 2.0, 2.5, 3.0));
    EXPECT_THAT(found->values, ElementsAre(0.0, 0.5, 1.0, 0.5, 0.0));
  }
}

TEST(Silhouette, IsTheMeanOfTheTentsWeightedByLifetime) {
  // Lifetimes 4 and 2; at 2 the tents are 2 and 0, at 3 they are 1 and 1, at 2.5 they are 1.5 and 0.5.
  const Pairs pairs{{0.0, 4.0}, {2.0, 4.0}};
  const auto plain = silhouette(pairs, {.power = 0.0, .resolution = 3, .low = 2.0, .high = 3.0});
  const auto linear = silhouette(pairs, {.power = 1.0, .resolution = 3, .low = 2.0, .high = 3.0});
  const auto square = silhouette(pairs, {.power = 2.0, .resolution = 3, .low = 2.0, .high = 3.0});
  ASSERT_TRUE(plain && linear && square);
  EXPECT_THAT(plain->values, ElementsAre(DoubleEq(1.0), DoubleEq(1.0), DoubleEq(1.0)));
  EXPECT_THAT(linear->values, ElementsAre(DoubleEq(4.0 / 3), DoubleEq(7.0 / 6), DoubleEq(1.0)));
  EXPECT_THAT(square->values, ElementsAre(DoubleEq(8.0 / 5), DoubleEq(1.3), DoubleEq(1.0)));
}

TEST(Silhouette, AgreesWithTheDefinitionOnRandomDiagrams) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 random(seed);
    std::uniform_real_distribution<double> uniform(0.0, 2.0);
    Pairs pairs(1 + random() % 30);
    for (auto& pair : pairs) {
      pair.birth = uniform(random);
      pair.death = pair.birth + (random() % 5 == 0 ? 0.0 : uniform(random));
    }
    pairs.push_back({0.5, kInfinity});
    pairs.push_back({0.5, 1.0});
    const double power = uniform(random);
    const auto found = silhouette(pairs, {.power = power, .resolution = 33, .low = -0.5, .high = 4.0});
    ASSERT_TRUE(found);
    for (std::size_t i = 0; i < found->grid.size(); ++i) {
      double sum = 0.0;
      double weights = 0.0;
      for (const auto& pair : pairs) {
        if (pair.death == kInfinity) continue;
        const double weight = std::pow(pair.death - pair.birth, power);
        weights += weight;
        sum += weight * std::max(0.0, std::min(found->grid[i] - pair.birth, pair.death - found->grid[i]));
      }
      EXPECT_NEAR(found->values[i], sum / weights, 1e-13) << "at " << found->grid[i];
    }
  }
}

TEST(Silhouette, HighPowersShowTheLongestClassAloneWithoutOverflow) {
  const auto found = silhouette(Pairs{{0.0, 2e200}, {0.0, 1e200}}, {.power = 500.0, .resolution = 3});
  ASSERT_TRUE(found);
  EXPECT_THAT(found->values, ElementsAre(0.0, DoubleEq(1e200), 0.0));
}

TEST(Silhouette, WithoutAClassThatLastsAllIsZero) {
  for (const Pairs& pairs : {Pairs{}, Pairs{{0.0, kInfinity}}, Pairs{{1.0, 1.0}}}) {
    const auto found = silhouette(pairs, {.resolution = 4});
    ASSERT_TRUE(found);
    EXPECT_EQ(found->values, std::vector<double>(4, 0.0));
  }
  EXPECT_THAT(silhouette(Pairs{}, {.resolution = 3})->grid, Each(0.0));
}

TEST(Silhouette, AnOptionOutsideItsRangeIsNamed) {
  const auto message = [](const SilhouetteOptions& options) {
    const auto found = silhouette(Pairs{{0.0, 1.0}}, options);
    EXPECT_FALSE(found);
    if (found) return std::string{};
    EXPECT_EQ(found.error().code, ErrorCode::invalid_argument);
    return found.error().message;
  };
  EXPECT_EQ(message({.power = -1.0}), "silhouette power -1: wanted a finite number, at least 0");
  EXPECT_THAT(message({.power = kInfinity}), HasSubstr("silhouette power inf"));
  EXPECT_EQ(message({.resolution = 1}), "silhouette resolution 1: wanted 2 to 16384");
  EXPECT_THAT(message({.low = 2.0, .high = 1.0}), HasSubstr("silhouette grid from 2 to 1"));
}

}  // namespace
}  // namespace topoforge
