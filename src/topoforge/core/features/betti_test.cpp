#include "topoforge/core/features/betti.hpp"

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace topoforge {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(BettiNumbers, AClassIsAliveFromItsBirthToJustBeforeItsDeath) {
  const PersistenceDiagram diagram{.pairs = {{{0.0, 1.0}, {0.0, kInfinity}}, {{1.0, 2.0}}, {}}};
  EXPECT_EQ(betti_numbers_at(diagram, -0.5), (BettiNumbers{0, 0, 0}));
  EXPECT_EQ(betti_numbers_at(diagram, 0.0), (BettiNumbers{2, 0, 0}));
  EXPECT_EQ(betti_numbers_at(diagram, 1.0), (BettiNumbers{1, 1, 0}));
  EXPECT_EQ(betti_numbers_at(diagram, 2.0), (BettiNumbers{1, 0, 0}));
  EXPECT_EQ(betti_numbers_at(diagram, 1e300), (BettiNumbers{1, 0, 0}));
}

TEST(BettiNumbers, ADimensionThatTheDiagramLacksCountsZero) {
  EXPECT_EQ(betti_numbers_at(PersistenceDiagram{}, 0.0), BettiNumbers{});
  EXPECT_EQ(adaptive_betti_numbers(PersistenceDiagram{}), BettiNumbers{});
  EXPECT_EQ(adaptive_betti_numbers(PersistenceDiagram{.pairs = {{{0.0, kInfinity}}}}), (BettiNumbers{1, 0, 0}));
}

TEST(AdaptiveBetti, OneLongLifetimeAmongShortOnesCounts) {
  // Nine of 1 and one of 11: mean 2, standard deviation 3 (population), bar at 2 sigma = 8.
  std::vector<PersistencePair> loops(9, PersistencePair{1.0, 2.0});
  loops.push_back({1.0, 12.0});
  const PersistenceDiagram diagram{.pairs = {{{0.0, kInfinity}}, loops}};
  EXPECT_EQ(adaptive_betti_numbers(diagram), (BettiNumbers{1, 1, 0}));
  EXPECT_EQ(adaptive_betti_numbers(diagram, 2.99).h1, 1U);
  EXPECT_EQ(adaptive_betti_numbers(diagram, 3.0).h1, 0U) << "the lifetime equals the bar and must exceed it";
  EXPECT_EQ(adaptive_betti_numbers(diagram, -1.0).h1, 10U);
}

TEST(AdaptiveBetti, ASinglePairNeverExceedsItsOwnMean) {
  const PersistenceDiagram diagram{.pairs = {{{0.0, kInfinity}}, {{0.1, 0.9}}}};
  EXPECT_EQ(adaptive_betti_numbers(diagram, 0.0), (BettiNumbers{1, 0, 0}));
}

TEST(AdaptiveBetti, EqualLifetimesNeverExceedTheirMean) {
  for (std::size_t count = 1; count <= 100; ++count) {
    const PersistenceDiagram diagram{.pairs = {{}, std::vector<PersistencePair>(count, PersistencePair{0.0, 0.1})}};
    EXPECT_EQ(adaptive_betti_numbers(diagram, 0.0).h1, 0U) << count << " lifetimes of 0.1";
  }
}

TEST(AdaptiveBetti, EssentialClassesCountInEveryDimensionAndDoNotMoveTheBar) {
  std::vector<PersistencePair> classes(9, PersistencePair{0.0, 1.0});
  classes.push_back({0.0, 11.0});
  classes.insert(classes.end(), 3, PersistencePair{0.0, kInfinity});
  const PersistenceDiagram diagram{.pairs = {classes, classes, classes}};
  EXPECT_EQ(adaptive_betti_numbers(diagram), (BettiNumbers{4, 4, 4}));
}

TEST(LastingBetti, EveryClassOfPositiveLifetimeCounts) {
  const PersistenceDiagram diagram{
      .pairs = {{{0.0, 1e-300}, {0.0, kInfinity}}, {{1.0, 1.0}, {1.0, 2.0}}, {{1.0, kInfinity}}}};
  EXPECT_EQ(lasting_betti_numbers(diagram), (BettiNumbers{2, 1, 1}));
}

/// The rule as the documentation has it, in long double and straight from its words.
std::size_t naive_adaptive(const std::vector<PersistencePair>& pairs, double sigma) {
  std::vector<long double> lifetimes;
  for (const auto& pair : pairs) {
    if (!std::isinf(pair.death)) lifetimes.push_back(pair.death - pair.birth);
  }
  long double mean = 0.0L;
  for (const auto lifetime : lifetimes) mean += lifetime / static_cast<long double>(lifetimes.size());
  long double variance = 0.0L;
  for (const auto lifetime : lifetimes) {
    variance += (lifetime - mean) * (lifetime - mean) / static_cast<long double>(lifetimes.size());
  }
  std::size_t count = pairs.size() - lifetimes.size();
  for (const auto lifetime : lifetimes) count += lifetime > mean + sigma * std::sqrt(variance) ? 1U : 0U;
  return count;
}

TEST(AdaptiveBetti, AgreesWithTheNaiveRuleOnRandomDiagrams) {
  for (unsigned seed = 1; seed <= 500; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 random(seed);
    std::exponential_distribution<double> lifetime(1.0);
    std::vector<PersistencePair> pairs(2 + random() % 60);
    for (auto& pair : pairs) {
      pair.birth = std::uniform_real_distribution<double>(0.0, 1.0)(random);
      pair.death = random() % 10 == 0 ? kInfinity : pair.birth + lifetime(random);
    }
    const PersistenceDiagram diagram{.pairs = {pairs, pairs, pairs}};
    for (const double sigma : {0.5, 1.0, 2.0}) {
      const auto expected = naive_adaptive(pairs, sigma);
      EXPECT_EQ(adaptive_betti_numbers(diagram, sigma), (BettiNumbers{expected, expected, expected}));
    }
  }
}

}  // namespace
}  // namespace topoforge
