#include "topoforge/core/score/detector.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <vector>

namespace topoforge {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;

const std::vector<float>& numbers() {
  static const std::vector<float> all = [] {
    std::vector<float> values(400);
    std::iota(values.begin(), values.end(), 0.0F);
    return values;
  }();
  return all;
}

/// They begin at 0, 3, 6, ... and overlap.
Samples samples_of(std::size_t count) {
  std::vector<std::size_t> starts(count);
  for (std::size_t i = 0; i < count; ++i) starts[i] = 3 * i;
  return {numbers(), starts, 4};
}

bool ascend_without_repeats(std::span<const std::size_t> starts) {
  return std::adjacent_find(starts.begin(), starts.end(), std::greater_equal<>()) == starts.end();
}

TEST(Samples, ThinnedAreEvenlySpreadUpToTheNewest) {
  for (std::size_t count = 1; count <= 100; ++count) {
    for (std::size_t most = 1; most <= count; ++most) {
      SCOPED_TRACE(testing::Message() << most << " of " << count);
      const Samples thinned = samples_of(count).thinned(most);
      ASSERT_EQ(thinned.count(), most);
      ASSERT_EQ(thinned.size(), 4U);
      ASSERT_EQ(thinned.starts().back(), 3 * (count - 1));
      for (std::size_t i = 1; i < most; ++i) {
        const std::size_t step = (thinned.starts()[i] - thinned.starts()[i - 1]) / 3;
        ASSERT_GE(step, count / most);
        ASSERT_LE(step, (count + most - 1) / most);
      }
    }
  }
}

TEST(Samples, ThinnedOrDrawnToNoFewerAreTheSame) {
  const Samples samples = samples_of(20);
  for (const std::size_t most : {20U, 21U, 1000U}) {
    EXPECT_THAT(samples.thinned(most).starts(), ElementsAreArray(samples.starts())) << most;
    EXPECT_THAT(samples.drawn(most, 1).starts(), ElementsAreArray(samples.starts())) << most;
  }
}

TEST(Samples, DrawnAreDifferentOnesInTheirOrder) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(seed);
    const std::size_t most = 1 + seed % 99;
    const Samples drawn = samples_of(100).drawn(most, seed);
    ASSERT_EQ(drawn.count(), most);
    ASSERT_EQ(drawn.size(), 4U);
    ASSERT_TRUE(ascend_without_repeats(drawn.starts()));
    for (std::size_t i = 0; i < most; ++i) {
      ASSERT_EQ(drawn.starts()[i] % 3, 0U);
      ASSERT_LE(drawn.starts()[i], 3U * 99U);
    }
  }
}

TEST(Samples, DrawnDependOnTheSeedAlone) {
  const Samples samples = samples_of(100);
  EXPECT_THAT(samples.drawn(30, 7).starts(), ElementsAreArray(samples.drawn(30, 7).starts()));
  EXPECT_FALSE(std::ranges::equal(samples.drawn(30, 7).starts(), samples.drawn(30, 8).starts()));
}

TEST(Samples, AreDrawnAboutEquallyOften) {
  std::vector<int> times(20, 0);
  constexpr int kDraws = 4000;
  for (std::uint64_t seed = 0; seed < kDraws; ++seed) {
    const Samples drawn = samples_of(20).drawn(5, seed);
    for (const std::size_t start : drawn.starts()) ++times[start / 3];
  }
  // Five standard deviations.
  for (const int count : times) EXPECT_NEAR(count, kDraws * 0.25, 5.0 * std::sqrt(kDraws * 0.25 * 0.75));
}

TEST(Samples, CopiedAreOneAfterTheOther) {
  const Samples samples(numbers(), {0, 2, 10}, 4);
  EXPECT_THAT(samples.copied(), ElementsAre(0, 1, 2, 3, 2, 3, 4, 5, 10, 11, 12, 13));
  EXPECT_THAT(samples[1], ElementsAre(2, 3, 4, 5));
  EXPECT_THAT(samples.thinned(1).copied(), ElementsAre(10, 11, 12, 13));
  EXPECT_THAT(Samples(numbers(), {}, 4).copied(), IsEmpty());
}

}  // namespace
}  // namespace topoforge
