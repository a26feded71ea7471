#include "topoforge/core/features/persistence_statistics.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace topoforge {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
using Pairs = std::vector<PersistencePair>;

PersistenceStatistics of(const Pairs& pairs) { return persistence_statistics(std::span(pairs)); }

TEST(PersistenceStatistics, NoClassIsAllZero) { EXPECT_EQ(of({}), PersistenceStatistics{}); }

TEST(PersistenceStatistics, EssentialClassesAreCountedAndNothingElse) {
  EXPECT_EQ(of({{0.0, kInfinity}, {0.5, kInfinity}}), PersistenceStatistics{.essential_count = 2});
}

TEST(PersistenceStatistics, OnePairHasNoSpreadAndNoEntropy) {
  EXPECT_EQ(
      of({{1.0, 3.5}, {0.0, kInfinity}}),
      (PersistenceStatistics{.finite_count = 1, .essential_count = 1, .total = 2.5, .maximum = 2.5, .mean = 2.5}));
}

TEST(PersistenceStatistics, HandValuesOfTwoUnequalLifetimes) {
  const auto statistics = of({{0.0, 1.0}, {1.0, 4.0}});
  EXPECT_DOUBLE_EQ(statistics.total, 4.0);
  EXPECT_DOUBLE_EQ(statistics.maximum, 3.0);
  EXPECT_DOUBLE_EQ(statistics.mean, 2.0);
  EXPECT_DOUBLE_EQ(statistics.standard_deviation, 1.0);
  const double entropy = -(0.25 * std::log(0.25) + 0.75 * std::log(0.75));
  EXPECT_DOUBLE_EQ(statistics.entropy, entropy);
  EXPECT_DOUBLE_EQ(statistics.normalised_entropy, entropy / std::log(2.0));
}

TEST(PersistenceStatistics, EqualLifetimesHaveTheGreatestEntropyAndExactlyNoSpread) {
  const Pairs pairs(7, PersistencePair{0.0, 0.1});  // the sum of seven 0.1 is not 0.7 in doubles
  const auto statistics = of(pairs);
  EXPECT_EQ(statistics.mean, 0.1);
  EXPECT_EQ(statistics.standard_deviation, 0.0);
  EXPECT_NEAR(statistics.entropy, std::log(7.0), 1e-14);
  EXPECT_LE(statistics.normalised_entropy, 1.0);
  EXPECT_NEAR(statistics.normalised_entropy, 1.0, 1e-14);
}

TEST(PersistenceStatistics, ScalingChangesLengthsAndNotEntropy) {
  const Pairs pairs{{0.0, 0.3}, {0.25, 1.0}, {0.5, 0.625}};
  Pairs scaled = pairs;
  for (auto& pair : scaled) pair = {pair.birth * 4.0, pair.death * 4.0};
  const auto before = of(pairs);
  const auto after = of(scaled);
  EXPECT_DOUBLE_EQ(after.total, 4.0 * before.total);
  EXPECT_DOUBLE_EQ(after.standard_deviation, 4.0 * before.standard_deviation);
  EXPECT_DOUBLE_EQ(after.entropy, before.entropy);
}

TEST(PersistenceStatistics, EachDimensionOfADiagramIsSummedUpAlone) {
  const PersistenceDiagram diagram{.pairs = {{{0.0, 2.0}, {0.0, kInfinity}}, {}, {{1.0, 2.0}}}};
  const auto statistics = persistence_statistics(diagram);
  ASSERT_EQ(statistics.size(), 3U);
  EXPECT_EQ(statistics[0].total, 2.0);
  EXPECT_EQ(statistics[0].essential_count, 1U);
  EXPECT_EQ(statistics[1], PersistenceStatistics{});
  EXPECT_EQ(statistics[2].total, 1.0);
}

}  // namespace
}  // namespace topoforge
