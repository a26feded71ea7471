#include "topoforge/core/score/running_median.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "topoforge/base/random.hpp"

namespace topoforge {
namespace {

TEST(RunningMedian, IsThatOfTheNewestValues) {
  for (const std::size_t capacity : {1U, 2U, 5U, 60U}) {
    Random random(capacity);
    RunningMedian running(capacity);
    EXPECT_TRUE(running.empty());
    std::vector<float> all;
    for (std::size_t i = 0; i < 300; ++i) {
      all.push_back(static_cast<float>(random.below(20)));
      running.push(all.back());
      std::vector<float> newest(all.end() - static_cast<std::ptrdiff_t>(std::min(capacity, all.size())), all.end());
      std::sort(newest.begin(), newest.end());
      ASSERT_EQ(running.median(), newest[newest.size() / 2]) << "after " << i;
    }
    EXPECT_FALSE(running.empty());
  }
}

}  // namespace
}  // namespace topoforge
