#include "topoforge/base/stepwise.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

namespace topoforge {
namespace {

Stepwise<int> count_to(int last, std::vector<int>& said) {
  for (int i = 1; i <= last; ++i) {
    said.push_back(i);
    co_await next_step();
  }
  co_return last;
}

Stepwise<int> sum_of_counts(std::vector<int>& said) {
  const int two = co_await count_to(2, said);
  said.push_back(100);
  co_await next_step();
  const int three = co_await count_to(3, said);
  co_return two + three;
}

TEST(Stepwise, DoesNothingBeforeItsFirstStep) {
  std::vector<int> said;
  Stepwise<int> counting = count_to(2, said);
  EXPECT_TRUE(said.empty());
  EXPECT_FALSE(counting.advance());
  EXPECT_EQ(said, std::vector<int>({1}));
}

TEST(Stepwise, StepsOfItsPartsAreItsOwn) {
  std::vector<int> said;
  Stepwise<int> sum = sum_of_counts(said);
  int steps = 1;
  while (!sum.advance()) {
    EXPECT_EQ(said.size(), static_cast<std::size_t>(steps));
    ++steps;
  }
  EXPECT_EQ(steps, 7);
  EXPECT_TRUE(sum.advance()) << "it stays done";
  EXPECT_EQ(said, std::vector<int>({1, 2, 100, 1, 2, 3}));
  EXPECT_EQ(std::move(sum).finish(), 5);
}

TEST(Stepwise, MovesWhileItIsUnderWay) {
  std::vector<int> said;
  Stepwise<int> sum = sum_of_counts(said);
  EXPECT_FALSE(sum.advance());
  Stepwise<int> moved = std::move(sum);
  EXPECT_FALSE(moved.advance());
  Stepwise<int> replaced = count_to(9, said);
  replaced = std::move(moved);
  EXPECT_EQ(std::move(replaced).finish(), 5);
}

Stepwise<int> failing(std::shared_ptr<int> held) {
  co_await next_step();
  if (held) throw std::runtime_error("no luck");
  co_return 0;
}

Stepwise<int> of_failing(std::shared_ptr<int> held, bool caught) {
  const auto mine = held;
  bool failed = false;
  try {
    co_await failing(std::move(held));
  } catch (const std::runtime_error&) {
    if (!caught) throw;
    failed = true;
  }
  co_return failed ? 7 : 0;
}

TEST(Stepwise, WhatAPartThrowsReachesTheWhole) {
  const auto held = std::make_shared<int>(1);
  EXPECT_EQ(of_failing(held, true).finish(), 7);
  Stepwise<int> uncaught = of_failing(held, false);
  EXPECT_FALSE(uncaught.advance());
  EXPECT_THROW(uncaught.advance(), std::runtime_error);
}

TEST(Stepwise, LetsGoOfEverythingWhenItIsAbandoned) {
  const auto held = std::make_shared<int>(1);
  {
    Stepwise<int> abandoned = of_failing(held, false);
    EXPECT_FALSE(abandoned.advance());
    EXPECT_GT(held.use_count(), 1);
  }
  EXPECT_EQ(held.use_count(), 1);
}

}  // namespace
}  // namespace topoforge
