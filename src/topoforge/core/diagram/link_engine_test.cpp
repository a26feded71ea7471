#include "topoforge/core/diagram/link_engine.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include "topoforge/core/cloud/distance_matrix.hpp"

namespace topoforge {
namespace {

/// Engines that are made while it lives use this instruction set alone.
class OnlyInstructionSet {
 public:
  explicit OnlyInstructionSet(std::int64_t target) {
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  }
  ~OnlyInstructionSet() {
    hwy::SetSupportedTargetsForTest(0);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  }
};

/// What this machine has of what the engine is compiled for; the plain one is always among them.
std::vector<std::int64_t> instruction_sets() {
  std::vector<std::int64_t> sets;
  for (const std::int64_t target : {std::int64_t{HWY_AVX3}, std::int64_t{HWY_AVX2}}) {
    if ((hwy::SupportedTargets() & target) != 0) sets.push_back(target);
  }
  sets.push_back(HWY_STATIC_TARGET);
  return sets;
}

/// Uniform in R^3, or on a grid, where most lengths are equal to others.
PointCloud points_of(std::size_t count, bool on_grid, unsigned seed) {
  std::mt19937_64 random(seed);
  PointCloud cloud{3, std::vector<double>(3 * count)};
  for (double& coordinate : cloud.coordinates)
    coordinate = on_grid ? static_cast<double>(random() % 5) : static_cast<double>(random() >> 11) * 0x1p-53;
  return cloud;
}

/// The diagrams of a window that slides over the points, one for each push.
std::vector<LinkEngine::Pairs> slide(const PointCloud& cloud, std::size_t window, std::size_t max_dimension) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const LinkEngine::Limits limits{kInfinity, max_dimension, std::size_t{1} << 26};
  const DistanceMatrix all = pairwise_distances(cloud);
  std::vector<std::size_t> points(window);
  for (std::size_t slot = 0; slot < window; ++slot) points[slot] = slot;
  std::vector<double> lower;
  for (std::size_t i = 1; i < window; ++i) {
    for (std::size_t j = 0; j < i; ++j) lower.push_back(all(i, j));
  }
  EdgeOrder order;
  const EnclosingBall ball = order.enclosing_ball(lower, window);
  const auto engine = make_link_engine(window);
  EXPECT_TRUE(engine->start({lower.data()}, window, order.sort(lower, window, ball.radius),
                            {.hub = ball.hub, .youngest = window - 1}, limits));
  std::vector<LinkEngine::Pairs> diagrams;
  for (std::size_t next = window; next <= cloud.size(); ++next) {
    LinkEngine::Pairs& pairs = diagrams.emplace_back(max_dimension + 1);
    EXPECT_TRUE(engine->solve(limits, pairs));
    for (auto& list : pairs) std::ranges::sort(list);
    if (next == cloud.size()) break;
    const std::size_t slot = next % window;
    points[slot] = next;
    for (std::size_t x = 0; x < window; ++x) {
      if (x != slot) lower[EdgeEnds::between(x, slot).index()] = all(next, points[x]);
    }
    engine->replace(slot);
  }
  return diagrams;
}

TEST(LinkEngine, PlainMachinesAndThoseWithAVX2AreAmongTheTested) {
  // A machine without AVX2 could not tell whether that path is right.
  const auto sets = instruction_sets();
  EXPECT_EQ(sets.back(), HWY_STATIC_TARGET);
  if (sets.size() == 1) GTEST_SKIP() << "this machine has no AVX2: the plain path alone is tested here";
  EXPECT_NE(std::ranges::find(sets, std::int64_t{HWY_AVX2}), sets.end());
}

TEST(LinkEngine, AllInstructionSetsGiveTheSameDiagrams) {
  for (const std::size_t window : {20u, 63u, 100u, 180u, 300u}) {
    for (const bool on_grid : {false, true}) {
      for (const std::size_t max_dimension : {1u, 2u}) {
        const PointCloud cloud = points_of(window + 12, on_grid, static_cast<unsigned>(window));
        std::vector<std::vector<LinkEngine::Pairs>> results;
        for (const std::int64_t set : instruction_sets()) {
          const OnlyInstructionSet only(set);
          results.push_back(slide(cloud, window, max_dimension));
        }
        for (const auto& result : results) {
          EXPECT_EQ(result, results.front()) << window << " points, grid " << on_grid << ", degree " << max_dimension;
        }
        EXPECT_FALSE(results.front().back()[1].empty());
      }
    }
  }
}

TEST(LinkEngine, KnowsWhereSlidingPays) {
  constexpr std::size_t kWindow = 100;
  const auto effort_to_slide = [](const DistanceMatrix& distances, std::size_t slot) {
    EdgeOrder order;
    const EnclosingBall ball = order.enclosing_ball(distances.lower(), kWindow);
    const auto engine = make_link_engine(kWindow);
    const LinkEngine::Limits limits{std::numeric_limits<double>::infinity(), 1, std::size_t{1} << 20};
    EXPECT_TRUE(engine->start({distances.lower().data()}, kWindow, order.sort(distances.lower(), kWindow, ball.radius),
                              {.hub = ball.hub, .youngest = kWindow - 1}, limits));
    engine->replace(slot);
    return engine->effort();
  };
  std::vector<double> spiral;
  for (std::size_t i = 0; i < kWindow; ++i) {
    const double angle = std::sqrt(static_cast<double>(i));
    spiral.insert(spiral.end(), {angle * std::cos(angle), angle * std::sin(angle)});
  }
  const LinkEngine::Effort plane = effort_to_slide(pairwise_distances({2, spiral}), kWindow - 1);
  EXPECT_GT(plane.slide, 0.0);
  EXPECT_LT(plane.slide, plane.scratch / 2);
  // No two edges of a random matrix share a cone: each point touches most links.
  std::mt19937 random(1);
  std::vector<double> lower(kWindow * (kWindow - 1) / 2);
  for (double& length : lower) length = static_cast<double>(random());
  const LinkEngine::Effort rich = effort_to_slide(DistanceMatrix::trusted(kWindow, lower), 0);
  EXPECT_GT(rich.slide, rich.scratch);
}

}  // namespace
}  // namespace topoforge
