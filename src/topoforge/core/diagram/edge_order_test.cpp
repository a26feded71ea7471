#include "topoforge/core/diagram/edge_order.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "topoforge/base/random.hpp"

namespace topoforge {
namespace {

std::vector<EdgeEnds> naive_order(const std::vector<double>& lower, std::size_t n, double longest) {
  std::vector<std::pair<double, EdgeEnds>> edges;
  std::size_t at = 0;
  for (std::size_t head = 1; head < n; ++head) {
    for (std::size_t tail = 0; tail < head; ++tail, ++at) {
      if (lower[at] <= longest) edges.emplace_back(lower[at], EdgeEnds::of(head, tail));
    }
  }
  std::ranges::sort(edges);
  std::vector<EdgeEnds> order;
  for (const auto& [length, ends] : edges) order.push_back(ends);
  return order;
}

/// A length of one of the kinds that are hard to scale: equal, spread over all magnitudes, denormal, almost equal.
double any_length(Random& random, std::uint64_t kind) {
  switch (kind) {
    case 0: return random.uniform();
    case 1: return static_cast<double>(random.below(4));
    case 2: return std::ldexp(random.uniform(), static_cast<int>(random.below(2000)) - 1000);
    case 3: return static_cast<double>(random.below(9)) * std::numeric_limits<double>::denorm_min();
    case 4: return 1.0 + static_cast<double>(random.below(50)) * std::numeric_limits<double>::epsilon();
    default: return random.below(2) == 0 ? std::numeric_limits<double>::max() : random.uniform();
  }
}

TEST(EdgeOrder, EqualsASortByLengthAndEnds) {
  EdgeOrder order;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    const std::size_t n = random.below(seed % 10 == 0 ? 150 : 40);
    std::vector<double> lower(n < 2 ? 0 : n * (n - 1) / 2);
    for (double& length : lower) length = any_length(random, seed % 6);
    const double longest = lower.empty() || random.below(2) == 0 ? EdgeOrder().enclosing_ball(lower, n).radius
                                                                 : lower[random.below(lower.size())];
    const auto sorted = order.sort(lower, n, longest);
    ASSERT_EQ(std::vector<EdgeEnds>(sorted.begin(), sorted.end()), naive_order(lower, n, longest));
  }
}

TEST(EnclosingRadius, IsTheLeastOfTheGreatestDistances) {
  EdgeOrder order;
  EXPECT_EQ(order.enclosing_ball({}, 0).radius, 0.0);
  EXPECT_EQ(order.enclosing_ball({}, 1).radius, 0.0);
  const EnclosingBall ball = order.enclosing_ball(std::vector{3.0, 4.0, 5.0}, 3);
  EXPECT_EQ(ball.radius, 4.0);
  EXPECT_EQ(ball.hub, 0u);
}

}  // namespace
}  // namespace topoforge
