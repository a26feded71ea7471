#include "topoforge/core/features/betti_curve.hpp"

#include <limits>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace topoforge {
namespace {

using testing::ElementsAre;
constexpr double kInfinity = std::numeric_limits<double>::infinity();
using Pairs = std::vector<PersistencePair>;

TEST(BettiCurve, CountsTheClassesAliveAtEachScale) {
  const auto curve = betti_curve(Pairs{{0.0, 1.0}, {0.0, 2.0}, {0.0, kInfinity}, {3.0, 4.0}}, {.resolution = 5});
  ASSERT_TRUE(curve);
  EXPECT_THAT(curve->grid, ElementsAre(0.0, 1.0, 2.0, 3.0, 4.0));
  EXPECT_THAT(curve->betti, ElementsAre(3U, 2U, 1U, 2U, 1U));
}

TEST(BettiCurve, AClassBetweenTwoGridPointsIsNotSeen) {
  const auto curve = betti_curve(Pairs{{0.25, 0.75}}, {.resolution = 2, .low = 0.0, .high = 1.0});
  ASSERT_TRUE(curve);
  EXPECT_THAT(curve->betti, ElementsAre(0U, 0U));
}

TEST(BettiCurve, AClassBornBeforeTheGridIsAliveAtItsStart) {
  const auto curve = betti_curve(Pairs{{0.0, 2.5}, {9.0, 10.0}}, {.resolution = 3, .low = 1.0, .high = 3.0});
  ASSERT_TRUE(curve);
  EXPECT_THAT(curve->betti, ElementsAre(1U, 1U, 0U));
}

TEST(BettiCurve, WithoutAPairAllIsZero) {
  const auto curve = betti_curve(Pairs{}, {.resolution = 2});
  ASSERT_TRUE(curve);
  EXPECT_EQ(*curve, (BettiCurve{.grid = {0.0, 0.0}, .betti = {0, 0}}));
}

TEST(BettiCurve, AgreesWithTheDefinitionOnRandomDiagrams) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 random(seed);
    Pairs pairs(1 + random() % 40);
    for (auto& pair : pairs) {
      pair.birth = static_cast<double>(random() % 16) / 4.0;  // many births and deaths fall on grid points
      pair.death = random() % 8 == 0 ? kInfinity : pair.birth + static_cast<double>(random() % 16) / 4.0;
    }
    const auto curve = betti_curve(pairs, {.resolution = 33, .low = 0.0, .high = 8.0});
    ASSERT_TRUE(curve);
    for (std::size_t i = 0; i < curve->grid.size(); ++i) {
      std::size_t alive = 0;
      for (const auto& pair : pairs) alive += pair.birth <= curve->grid[i] && curve->grid[i] < pair.death ? 1U : 0U;
      EXPECT_EQ(curve->betti[i], alive) << "at " << curve->grid[i];
    }
  }
}

TEST(BettiCurve, AnOptionOutsideItsRangeIsNamed) {
  const auto curve = betti_curve(Pairs{}, {.resolution = 0});
  ASSERT_FALSE(curve);
  EXPECT_EQ(curve.error(), (Error{ErrorCode::invalid_argument, "Betti curve resolution 0: wanted 2 to 16384"}));
  EXPECT_EQ(betti_curve(Pairs{}, {.low = 1.0, .high = 0.5}).error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(betti_curve(Pairs{}, {.low = std::nan(""), .high = 1.0}).error().code, ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace topoforge
