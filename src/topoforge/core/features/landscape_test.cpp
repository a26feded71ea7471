#include "topoforge/core/features/landscape.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace topoforge {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
constexpr double kInfinity = std::numeric_limits<double>::infinity();
using Pairs = std::vector<PersistencePair>;

std::vector<double> layer(const Landscape& landscape, std::size_t index) {
  const auto row = landscape.layers.row(index);
  return {row.begin(), row.end()};
}

TEST(Landscape, OnePairIsOneTentOverItsLife) {
  const auto landscape = persistence_landscape(Pairs{{1.0, 3.0}}, {.layers = 2, .resolution = 5});
  ASSERT_TRUE(landscape);
  EXPECT_THAT(landscape->grid, ElementsAre(1.0, 1.5, 2.0, 2.5, 3.0));
  EXPECT_THAT(layer(*landscape, 0), ElementsAre(0.0, 0.5, 1.0, 0.5, 0.0));
  EXPECT_THAT(layer(*landscape, 1), ElementsAre(0.0, 0.0, 0.0, 0.0, 0.0));
}

TEST(Landscape, LayersAreTheLargestTentsInOrder) {
  const auto landscape =
      persistence_landscape(Pairs{{0.0, 4.0}, {2.0, 6.0}, {2.0, 4.0}}, {.layers = 3, .resolution = 7});
  ASSERT_TRUE(landscape);
  EXPECT_THAT(landscape->grid, ElementsAre(0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0));
  EXPECT_THAT(layer(*landscape, 0), ElementsAre(0.0, 1.0, 2.0, 1.0, 2.0, 1.0, 0.0));
  EXPECT_THAT(layer(*landscape, 1), ElementsAre(0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0));
  EXPECT_THAT(layer(*landscape, 2), ElementsAre(0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0));
}

TEST(Landscape, AGivenGridIsKept) {
  const auto landscape = persistence_landscape(Pairs{{1.0, 3.0}}, {.resolution = 3, .low = 0.0, .high = 4.0});
  ASSERT_TRUE(landscape);
  EXPECT_THAT(landscape->grid, ElementsAre(0.0, 2.0, 4.0));
  EXPECT_THAT(layer(*landscape, 0), ElementsAre(0.0, 1.0, 0.0));
}

TEST(Landscape, WithoutAFinitePairAllIsZero) {
  for (const Pairs& pairs : {Pairs{}, Pairs{{0.5, kInfinity}}}) {
    const auto landscape = persistence_landscape(pairs, {.layers = 2, .resolution = 3});
    ASSERT_TRUE(landscape);
    EXPECT_THAT(landscape->grid, ElementsAre(0.0, 0.0, 0.0));
    EXPECT_EQ(landscape->layers, Matrix(2, 3));
  }
}

TEST(Landscape, EssentialClassesLeaveNoTrace) {
  const auto with = persistence_landscape(Pairs{{-1.0, kInfinity}, {0.0, 1.0}});
  const auto without = persistence_landscape(Pairs{{0.0, 1.0}});
  ASSERT_TRUE(with && without);
  EXPECT_EQ(with->grid, without->grid);
  EXPECT_EQ(with->layers, without->layers);
}

TEST(Landscape, AgreesWithTheDefinitionOnRandomDiagrams) {
  for (unsigned seed = 1; seed <= 100; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 random(seed);
    std::uniform_real_distribution<double> uniform(0.0, 2.0);
    Pairs pairs(1 + random() % 30);
    for (auto& pair : pairs) {
      pair.birth = uniform(random);
      pair.death = pair.birth + uniform(random);
    }
    const auto landscape = persistence_landscape(pairs, {.layers = 4, .resolution = 33});
    ASSERT_TRUE(landscape);
    for (std::size_t i = 0; i < landscape->grid.size(); ++i) {
      const double at = landscape->grid[i];
      std::vector<double> tents;
      for (const auto& pair : pairs) tents.push_back(std::max(0.0, std::min(at - pair.birth, pair.death - at)));
      tents.resize(std::max<std::size_t>(tents.size(), 4), 0.0);
      std::sort(tents.begin(), tents.end(), std::greater<>());
      for (std::size_t k = 0; k < 4; ++k) EXPECT_EQ(landscape->layers(k, i), tents[k]);
    }
  }
}

TEST(Landscape, AnOptionOutsideItsRangeIsNamedWithItsValueAndRange) {
  const auto message = [](const LandscapeOptions& options) {
    const auto landscape = persistence_landscape(Pairs{{0.0, 1.0}}, options);
    EXPECT_FALSE(landscape);
    EXPECT_EQ(landscape.error().code, ErrorCode::invalid_argument);
    return landscape ? std::string{} : landscape.error().message;
  };
  EXPECT_EQ(message({.resolution = 1}), "landscape resolution 1: wanted 2 to 16384");
  EXPECT_EQ(message({.resolution = 16385}), "landscape resolution 16385: wanted 2 to 16384");
  EXPECT_EQ(message({.layers = 0}), "landscape layers 0: wanted 1 to 256");
  EXPECT_THAT(message({.low = 2.0, .high = 1.0}), HasSubstr("landscape grid from 2 to 1"));
  EXPECT_THAT(message({.low = 0.0, .high = kInfinity}), HasSubstr("from 0 to inf"));
}

}  // namespace
}  // namespace topoforge
