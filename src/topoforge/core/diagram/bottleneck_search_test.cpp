#include "topoforge/core/diagram/bottleneck_search.hpp"

#include <algorithm>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace topoforge {
namespace {

using Pairs = std::vector<PersistencePair>;

/// A perfect matching of two lists, each filled up with the diagonal places of the other, by plain augmenting paths.
class NaiveMatching {
 public:
  NaiveMatching(const FinitePairs& first, const FinitePairs& second)
      : first_(first), second_(second), size_(first.size() + second.size()) {}

  bool perfect(double radius) {
    owner_.assign(size_, kNoPair);
    for (std::size_t a = 0; a < size_; ++a) {
      seen_.assign(size_, 0);
      if (!augment(a, radius)) return false;
    }
    return true;
  }

  [[nodiscard]] double length(std::size_t a, std::size_t b) const {
    if (a < first_.size() && b < second_.size()) return first_.distance(a, second_, b);
    if (a < first_.size()) return first_.to_diagonal[a];
    if (b < second_.size()) return second_.to_diagonal[b];
    return 0.0;
  }

  /// The first of all lengths, in order, that suffices.
  double bottleneck() {
    std::vector<double> lengths{0.0};
    for (std::size_t a = 0; a < size_; ++a) {
      for (std::size_t b = 0; b < size_; ++b) lengths.push_back(length(a, b));
    }
    std::ranges::sort(lengths);
    return *std::ranges::partition_point(lengths, [&](double radius) { return !perfect(radius); });
  }

 private:
  bool augment(std::size_t a, double radius) {
    for (std::size_t b = 0; b < size_; ++b) {
      if (seen_[b] != 0 || length(a, b) > radius) continue;
      seen_[b] = 1;
      if (owner_[b] != kNoPair && !augment(owner_[b], radius)) continue;
      owner_[b] = a;
      return true;
    }
    return false;
  }

  const FinitePairs& first_;
  const FinitePairs& second_;
  std::size_t size_;
  std::vector<std::size_t> owner_;
  std::vector<char> seen_;
};

Pairs random_pairs(std::mt19937_64& random, std::size_t size) {
  // Of small integers, of one birth as in degree 0, or anywhere.
  const std::size_t kind = random() % 3;
  std::uniform_real_distribution<double> real(0.0, 4.0);
  const auto draw = [&] { return kind == 0 ? static_cast<double>(random() % 9) : real(random); };
  Pairs pairs(size);
  for (PersistencePair& pair : pairs) {
    pair.birth = kind == 1 ? 0.0 : draw();
    pair.death = pair.birth + draw();
  }
  return pairs;
}

TEST(BottleneckSearch, EqualsTheNaiveSearchAlsoBeyondOneWordOfPairs) {
  BottleneckSearch search;  // one for all: what it computed before must not matter
  MatchingProblem problem;
  std::size_t shared = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    const std::size_t most = seed % 20 == 0 ? 140 : 25;
    const Pairs first = random_pairs(random, random() % most);
    // A second diagram with the points of the first, moved, has matchings for which rows must give way.
    Pairs second = random() % 2 == 0 ? random_pairs(random, random() % most) : first;
    for (PersistencePair& pair : second) {
      if (random() % 2 == 0) pair.death += static_cast<double>(random() % 3) / 2;
    }
    ASSERT_TRUE(problem.pose(first, second));
    const double expected = NaiveMatching(problem.few(), problem.many()).bottleneck();
    EXPECT_EQ(search.solve(problem.few(), problem.many()), expected);
    EXPECT_EQ(search.solve(problem.many(), problem.few()), expected);
    shared += expected > 0.0 ? 1U : 0U;
  }
  EXPECT_GT(shared, 300U) << "hardly an input had a distance to find";
}

TEST(BottleneckSearch, TwoPairsThatHaveOneNearPairBetweenThemAreFartherThanEachAlone) {
  MatchingProblem problem;
  ASSERT_TRUE(problem.pose(Pairs{{0, 10}, {0, 10}}, Pairs{{0, 10}, {0, 13}}));
  BottleneckSearch search;
  EXPECT_EQ(search.solve(problem.few(), problem.many()), 3.0);
}

}  // namespace
}  // namespace topoforge
