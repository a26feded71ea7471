#include "topoforge/core/window/row_history.hpp"

#include <gtest/gtest.h>

#include <deque>

#include "topoforge/base/random.hpp"

namespace topoforge {
namespace {

TEST(RowHistory, AgreesWithADequeOverRandomOperations) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    std::size_t capacity = 1 + random.below(9);
    RowHistory history(capacity, 2);
    std::deque<std::pair<double, bool>> expected;  // newest first
    for (int step = 0; step < 60; ++step) {
      const double value = random.uniform();
      history.push(std::vector<double>{value, -value}, std::nullopt);
      expected.emplace_front(value, true);
      if (expected.size() > capacity) expected.pop_back();
      if (random.below(3) == 0) {
        const std::size_t age = random.below(expected.size());
        history.set_clean(age, false);
        expected[age].second = false;
      }
      if (random.below(20) == 0 && capacity > 1) {
        capacity -= 1;
        history.shrink(capacity);
        if (expected.size() > capacity) expected.resize(capacity);
      }
      ASSERT_EQ(history.size(), expected.size());
      ASSERT_EQ(history.pushed(), static_cast<std::uint64_t>(step + 1));
      for (std::size_t age = 0; age < expected.size(); ++age) {
        ASSERT_EQ(history.row(age)[0], expected[age].first);
        ASSERT_EQ(history.row(age)[1], -expected[age].first);
        ASSERT_EQ(history.clean(age), expected[age].second);
      }
    }
  }
}

TEST(RowHistory, GivesTheNewestRowsOldestFirst) {
  RowHistory history(3, 1);
  for (const double value : {1.0, 2.0, 3.0, 4.0}) history.push(std::vector<double>(1, value), std::nullopt);
  EXPECT_EQ(history.last(3), Matrix(3, 1, {2.0, 3.0, 4.0}));
  EXPECT_EQ(history.last(1), Matrix(1, 1, std::vector<double>(1, 4.0)));
}

}  // namespace
}  // namespace topoforge
