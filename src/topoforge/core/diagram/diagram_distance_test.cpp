#include "topoforge/core/diagram/diagram_distance.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace topoforge {
namespace {

using Pairs = std::vector<PersistencePair>;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct Best {
  double bottleneck = kInfinity;
  double power_sum = kInfinity;
};

/// Every matching of two lists that are filled up with places on the diagonal.
Best best_of_all_matchings(const Pairs& first, const Pairs& second, double p) {
  const std::size_t size = first.size() + second.size();
  std::vector<std::size_t> partner(size);
  std::iota(partner.begin(), partner.end(), std::size_t{0});
  Best best;
  do {
    double longest = 0.0;
    double sum = 0.0;
    for (std::size_t a = 0; a < size; ++a) {
      const std::size_t b = partner[a];
      double length = 0.0;
      if (a < first.size() && b < second.size()) {
        length = std::max(std::abs(first[a].birth - second[b].birth), std::abs(first[a].death - second[b].death));
      } else if (a < first.size()) {
        length = (first[a].death - first[a].birth) / 2;
      } else if (b < second.size()) {
        length = (second[b].death - second[b].birth) / 2;
      }
      longest = std::max(longest, length);
      sum += std::pow(length, p);
    }
    best.bottleneck = std::min(best.bottleneck, longest);
    best.power_sum = std::min(best.power_sum, sum);
  } while (std::ranges::next_permutation(partner).found);
  return best;
}

/// Half of the lists are of small integers, so that ties and equal pairs are many.
Pairs random_pairs(std::mt19937_64& random, std::size_t size) {
  const bool integral = random() % 2 == 0;
  std::uniform_real_distribution<double> real(0.0, 4.0);
  const auto draw = [&] { return integral ? static_cast<double>(random() % 5) : real(random); };
  Pairs pairs(size);
  for (PersistencePair& pair : pairs) {
    pair.birth = draw();
    pair.death = pair.birth + draw();
  }
  return pairs;
}

double wasserstein(const Pairs& first, const Pairs& second, double p) {
  return wasserstein_distance(first, second, p).value();
}
double bottleneck(const Pairs& first, const Pairs& second) { return bottleneck_distance(first, second).value(); }

TEST(DiagramDistance, IsTheBestOfAllMatchings) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    const Pairs first = random_pairs(random, random() % 4);
    const Pairs second = random_pairs(random, random() % 5);
    for (const double p : {1.0, 2.0, 3.5}) {
      const Best best = best_of_all_matchings(first, second, p);
      EXPECT_EQ(bottleneck(first, second), best.bottleneck);
      EXPECT_NEAR(wasserstein(first, second, p), std::pow(best.power_sum, 1 / p), 1e-9);
    }
  }
}

TEST(DiagramDistance, OfLargerDiagramsIsAMetric) {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    const Pairs a = random_pairs(random, 20 + random() % 40);
    const Pairs b = random_pairs(random, 20 + random() % 40);
    const Pairs c = random_pairs(random, 20 + random() % 40);
    EXPECT_EQ(bottleneck(a, b), bottleneck(b, a));
    EXPECT_LE(bottleneck(a, c), bottleneck(a, b) + bottleneck(b, c));
    EXPECT_EQ(bottleneck(a, a), 0);
    for (const double p : {1.0, 2.0}) {
      EXPECT_NEAR(wasserstein(a, b, p), wasserstein(b, a, p), 1e-9);
      EXPECT_LE(wasserstein(a, c, p), wasserstein(a, b, p) + wasserstein(b, c, p) + 1e-9);
      EXPECT_EQ(wasserstein(a, a, p), 0);
    }
    // Wasserstein distances fall to the bottleneck distance as p grows.
    EXPECT_GE(wasserstein(a, b, 1) + 1e-9, wasserstein(a, b, 2));
    EXPECT_GE(wasserstein(a, b, 2) + 1e-9, bottleneck(a, b));
    EXPECT_NEAR(wasserstein(a, b, 400), bottleneck(a, b), 0.03 * bottleneck(a, b));
  }
}

TEST(DiagramDistance, OrderOfTheListsDoesNotMatter) {
  std::mt19937_64 random(7);
  const Pairs a = random_pairs(random, 30);
  const Pairs b = random_pairs(random, 25);
  Pairs shuffled = a;
  std::ranges::shuffle(shuffled, random);
  EXPECT_EQ(bottleneck(a, b), bottleneck(shuffled, b));
  EXPECT_EQ(wasserstein(a, b, 2), wasserstein(shuffled, b, 2));
}

TEST(DiagramDistance, EmptyDiagramsAreEqual) {
  EXPECT_EQ(bottleneck({}, {}), 0);
  EXPECT_EQ(wasserstein({}, {}, 1), 0);
}

TEST(DiagramDistance, ToTheEmptyDiagramIsHalfTheLifetimes) {
  const Pairs pairs{{0, 2}, {1, 5}};
  EXPECT_EQ(bottleneck(pairs, {}), 2);
  EXPECT_EQ(wasserstein(pairs, {}, 1), 3);
  EXPECT_DOUBLE_EQ(wasserstein({}, pairs, 2), std::sqrt(5.0));
}

TEST(DiagramDistance, SharedPairIsGivenUpWhereThatIsCheaper) {
  // Two shifts by 1 cost 2 in squares; keeping the shared pair would cost 4 for the other.
  EXPECT_DOUBLE_EQ(wasserstein({{0, 10}, {0, 11}}, {{0, 11}, {0, 12}}, 2), std::sqrt(2.0));
  EXPECT_DOUBLE_EQ(wasserstein({{0, 10}, {0, 11}}, {{0, 11}, {0, 12}}, 1), 2.0);
  EXPECT_EQ(bottleneck({{0, 10}, {0, 11}}, {{0, 11}, {0, 12}}), 1);
}

TEST(DiagramDistance, PairsOnTheDiagonalCostNothing) {
  EXPECT_EQ(bottleneck({{0, 4}, {1, 1}, {3, 3}}, {{0, 4}, {9, 9}}), 0);
  EXPECT_EQ(wasserstein({{0, 4}, {1, 1}, {3, 3}}, {{0, 4}, {9, 9}}, 1), 0);
}

TEST(DiagramDistance, EssentialClassesAreMatchedByBirth) {
  const Pairs first{{3, kInfinity}, {0, kInfinity}, {0, 1}};
  const Pairs second{{0.25, kInfinity}, {0, 1}, {5, kInfinity}};
  EXPECT_EQ(bottleneck(first, second), 2);
  EXPECT_EQ(wasserstein(first, second, 1), 2.25);
  EXPECT_EQ(bottleneck(first, first), 0);
}

TEST(DiagramDistance, DifferentNumbersOfEssentialClassesAreInfinitelyApart) {
  EXPECT_EQ(bottleneck({{0, kInfinity}}, {{0, 1e9}}), kInfinity);
  EXPECT_EQ(wasserstein({{0, kInfinity}}, {}, 2), kInfinity);
}

TEST(DiagramDistance, VeryLargeAndVerySmallValuesKeepTheirDistance) {
  EXPECT_DOUBLE_EQ(wasserstein({{0, 3e200}}, {{0, 4e200}}, 2), 1e200);
  EXPECT_DOUBLE_EQ(wasserstein({{0, 3e-200}}, {{0, 4e-200}}, 2), 1e-200);
}

TEST(DiagramDistance, OrderBelowOneIsRefused) {
  for (const double p : {0.5, -1.0, kInfinity, std::numeric_limits<double>::quiet_NaN()}) {
    const auto distance = wasserstein_distance({}, {}, p);
    ASSERT_FALSE(distance);
    EXPECT_EQ(distance.error().code, ErrorCode::invalid_argument);
  }
}

TEST(DiagramDistance, DiagramsTooLargeToMatchAreRefused) {
  const Pairs pairs(6000, {0, 1});
  ASSERT_FALSE(bottleneck_distance(pairs, pairs));
  EXPECT_EQ(bottleneck_distance(pairs, pairs).error().code, ErrorCode::limit_exceeded);
  EXPECT_THAT(wasserstein_distance(pairs, pairs).error().message, ::testing::HasSubstr("6000"));
}

}  // namespace
}  // namespace topoforge
