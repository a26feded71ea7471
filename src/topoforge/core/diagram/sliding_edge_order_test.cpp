#include "topoforge/core/diagram/sliding_edge_order.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <vector>

#include "topoforge/base/random.hpp"

namespace topoforge {
namespace {

/// Lengths of `levels` values, or of any.
double length(Random& random, std::size_t levels) {
  const double any = random.uniform();
  return levels == 0 ? any : std::floor(any * static_cast<double>(levels));
}

TEST(SlidingEdgeOrder, IsThatOfSortingAnew) {
  for (const std::size_t n : {2, 3, 17, 70}) {
    for (const std::size_t levels : {0, 1, 3}) {
      Random random(n + levels);
      std::vector<double> lower(n * (n - 1) / 2);
      for (double& value : lower) value = length(random, levels);
      EdgeOrder order;
      SlidingEdgeOrder sliding;
      sliding.start(lower, n, order);
      for (std::size_t step = 0; step < 50; ++step) {
        const std::size_t point = random.below(n);
        for (std::size_t other = 0; other < n; ++other) {
          if (other != point) lower[EdgeEnds::between(point, other).index()] = length(random, levels);
        }
        sliding.replace(lower, point);
        const double longest = length(random, levels);
        const auto expected = order.sort(lower, n, longest);
        const auto edges = sliding.edges(longest);
        ASSERT_EQ(std::vector(edges.begin(), edges.end()), std::vector(expected.begin(), expected.end()))
            << n << " points, " << levels << " levels, step " << step;
      }
    }
  }
}

}  // namespace
}  // namespace topoforge
