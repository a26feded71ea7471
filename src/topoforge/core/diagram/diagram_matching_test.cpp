#include "topoforge/core/diagram/diagram_matching.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <tuple>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "topoforge/core/diagram/diagram_distance.hpp"

namespace topoforge {

void PrintTo(const MatchedPair& pair, std::ostream* out) {
  *out << static_cast<std::ptrdiff_t>(pair.first) << "-" << static_cast<std::ptrdiff_t>(pair.second) << " ("
       << pair.length << ")";
}

namespace {

using ::testing::ElementsAre;
using Pairs = std::vector<PersistencePair>;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

DiagramMatching match(const Pairs& first, const Pairs& second, double p = 2.0) {
  return DiagramMatcher().match(first, second, p).value();
}

double length_of(const Pairs& first, const Pairs& second, const MatchedPair& pair) {
  if (pair.second == kNoPair) return (first.at(pair.first).death - first.at(pair.first).birth) / 2;
  if (pair.first == kNoPair) return (second.at(pair.second).death - second.at(pair.second).birth) / 2;
  const PersistencePair& a = first.at(pair.first);
  const PersistencePair& b = second.at(pair.second);
  return std::max(std::abs(a.birth - b.birth), std::abs(a.death - b.death));
}

/// The least sum of p-th powers, pair by pair of the first over all sets of pairs of the second that are taken.
double least_power_sum(const Pairs& first, const Pairs& second, double p) {
  std::vector<double> least(std::size_t{1} << second.size(), kInfinity);
  least[0] = 0.0;
  for (std::size_t a = 0; a < first.size(); ++a) {
    for (std::size_t taken = least.size(); taken-- > 0;) {
      double best = least[taken] + std::pow(length_of(first, second, {a, kNoPair}), p);
      for (std::size_t b = 0; b < second.size(); ++b) {
        if ((taken >> b & 1U) == 0) continue;
        const double before = least[taken ^ (std::size_t{1} << b)];
        best = std::min(best, before + std::pow(length_of(first, second, {a, b}), p));
      }
      least[taken] = best;
    }
  }
  double best = kInfinity;
  for (std::size_t taken = 0; taken < least.size(); ++taken) {
    double sum = least[taken];
    for (std::size_t b = 0; b < second.size(); ++b) {
      if ((taken >> b & 1U) == 0) sum += std::pow(length_of(first, second, {kNoPair, b}), p);
    }
    best = std::min(best, sum);
  }
  return best;
}

/// A third of the lists are of small integers, so that ties and equal pairs are many; a third have one birth.
Pairs random_pairs(std::mt19937_64& random, std::size_t size) {
  const std::size_t kind = random() % 3;
  std::uniform_real_distribution<double> real(0.0, 4.0);
  const auto draw = [&] { return kind == 0 ? static_cast<double>(random() % 5) : real(random); };
  Pairs pairs(size);
  for (PersistencePair& pair : pairs) {
    pair.birth = kind == 1 ? 0.0 : draw();
    pair.death = pair.birth + draw();
  }
  return pairs;
}

void expect_each_pair_once(const DiagramMatching& matching, const Pairs& first, const Pairs& second) {
  std::vector<int> seen(first.size(), 0);
  std::vector<int> other_seen(second.size(), 0);
  for (const MatchedPair& pair : matching.pairs) {
    ASSERT_FALSE(pair.first == kNoPair && pair.second == kNoPair);
    if (pair.first != kNoPair) ++seen.at(pair.first);
    if (pair.second != kNoPair) ++other_seen.at(pair.second);
  }
  EXPECT_THAT(seen, ::testing::Each(1));
  EXPECT_THAT(other_seen, ::testing::Each(1));
}

TEST(DiagramMatching, IsTheCheapestOfAllMatchings) {
  DiagramMatcher matcher;  // one for all: what it computed before must not matter
  for (std::uint64_t seed = 0; seed < 600; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    const Pairs first = random_pairs(random, random() % 9);
    Pairs second = random_pairs(random, random() % 8);
    for (const PersistencePair& pair : first) {  // as two successive windows share pairs
      if (second.size() < 9 && random() % 3 == 0) second.push_back(pair);
    }
    for (const double p : {1.0, 2.0, 3.5}) {
      const DiagramMatching matching = matcher.match(first, second, p).value();
      expect_each_pair_once(matching, first, second);
      double sum = 0.0;
      for (const MatchedPair& pair : matching.pairs) {
        EXPECT_EQ(pair.length, length_of(first, second, pair));
        sum += std::pow(pair.length, p);
      }
      const double least = least_power_sum(first, second, p);
      EXPECT_NEAR(sum, least, 1e-9 * std::max(1.0, least)) << "p " << p;
      EXPECT_NEAR(matching.distance, std::pow(least, 1 / p), 1e-9);
      EXPECT_EQ(matching.distance, wasserstein_distance(first, second, p).value());
    }
  }
}

TEST(DiagramMatching, FollowsALoopFromWindowToWindow) {
  // The long loop moves a little, a short one goes, another comes.
  const DiagramMatching matching = match({{0.5, 0.75}, {1, 4}}, {{1.25, 4}, {3, 3.25}});
  EXPECT_THAT(matching.pairs, ElementsAre(MatchedPair{0, kNoPair, (0.75 - 0.5) / 2}, MatchedPair{1, 0, 0.25},
                                          MatchedPair{kNoPair, 1, 0.125}));
}

TEST(DiagramMatching, SquaresPreferManyShortWaysToOneLong) {
  EXPECT_THAT(match({{0, 10}, {0, 11}}, {{0, 11}, {0, 12}}, 2.0).pairs,
              ElementsAre(MatchedPair{0, 0, 1.0}, MatchedPair{1, 1, 1.0}));
  EXPECT_THAT(match({{0, 10}, {0, 11}}, {{0, 11}, {0, 12}}, 1.0).pairs,
              ElementsAre(MatchedPair{0, 1, 2.0}, MatchedPair{1, 0, 0.0}));
}

TEST(DiagramMatching, OfADiagramWithItselfMovesNothing) {
  std::mt19937_64 random(3);
  for (const double p : {1.0, 2.0, 5.0}) {
    const Pairs pairs = random_pairs(random, 50);
    const DiagramMatching matching = match(pairs, pairs, p);
    EXPECT_EQ(matching.distance, 0.0);
    for (std::size_t k = 0; k < pairs.size(); ++k) EXPECT_EQ(matching.pairs[k], (MatchedPair{k, k, 0.0}));
  }
}

TEST(DiagramMatching, PlacesAreThoseOfTheGivenOrder) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    // No ties: births and deaths anywhere.
    Pairs first(40);
    Pairs second(30);
    std::uniform_real_distribution<double> real;
    for (Pairs* pairs : {&first, &second}) {
      for (PersistencePair& pair : *pairs) {
        pair.birth = real(random);
        pair.death = pair.birth + real(random);
      }
    }
    Pairs reversed(first.rbegin(), first.rend());
    DiagramMatching expected = match(first, second);
    DiagramMatching found = match(reversed, second);
    for (MatchedPair& pair : found.pairs) {
      if (pair.first != kNoPair) pair.first = first.size() - 1 - pair.first;
    }
    const auto by_place = [](const MatchedPair& pair) { return std::tuple(pair.first, pair.second); };
    std::ranges::sort(found.pairs, {}, by_place);
    EXPECT_EQ(found, expected);
  }
}

TEST(DiagramMatching, EssentialClassesAreMatchedByBirthAndTheLastStayAlone) {
  const Pairs first{{3, kInfinity}, {0, kInfinity}, {0, 1}};
  const Pairs second{{0.25, kInfinity}, {0, 1}};
  const DiagramMatching matching = match(first, second);
  EXPECT_THAT(matching.pairs,
              ElementsAre(MatchedPair{0, kNoPair, kInfinity}, MatchedPair{1, 0, 0.25}, MatchedPair{2, 1, 0.0}));
  EXPECT_EQ(matching.distance, kInfinity);
  EXPECT_EQ(match(second, first).pairs.back(), (MatchedPair{kNoPair, 0, kInfinity}));
}

TEST(DiagramMatching, OfTwoEmptyDiagramsIsEmpty) { EXPECT_EQ(match({}, {}), DiagramMatching{}); }

TEST(DiagramMatching, OrderBelowOneAndDiagramsTooLargeAreRefused) {
  EXPECT_EQ(DiagramMatcher().match({}, {}, 0.5).error().code, ErrorCode::invalid_argument);
  const Pairs pairs(6000, {0, 1});
  EXPECT_EQ(DiagramMatcher().match(pairs, pairs).error().code, ErrorCode::limit_exceeded);
}

TEST(DiagramMatching, AMatcherServesAgainAfterARefusal) {
  DiagramMatcher matcher;
  const Pairs pairs(6000, {0, 1});
  EXPECT_FALSE(matcher.bottleneck_distance(pairs, pairs));
  EXPECT_EQ(matcher.bottleneck_distance(Pairs{{0, 4}}, Pairs{{0, 5}}).value(), 1.0);
  EXPECT_EQ(matcher.wasserstein_distance(Pairs{{0, 4}}, Pairs{{0, 5}}).value(), 1.0);
}

}  // namespace
}  // namespace topoforge
