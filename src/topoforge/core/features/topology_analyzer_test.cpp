#include "topoforge/core/features/topology_analyzer.hpp"

#include <cmath>
#include <limits>
#include <numbers>

#include <gtest/gtest.h>

namespace topoforge {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// `count` points evenly on a circle of radius `radius` around (x, y).
void add_circle(PointCloud& cloud, double x, double y, double radius, int count) {
  for (int i = 0; i < count; ++i) {
    const double angle = 2.0 * std::numbers::pi * i / count;
    cloud.coordinates.insert(cloud.coordinates.end(), {x + radius * std::cos(angle), y + radius * std::sin(angle)});
  }
}

/// The documented example: an analyzer for dimensions up to 2, a cloud of events, its diagrams, its Betti numbers.
TEST(TopologyAnalyzer, TheDocumentedExampleCountsComponentsLoopsAndVoids) {
  TopologyAnalyzer tda(2);
  PointCloud point_cloud{.dimension = 2, .coordinates = {0.5, 0.1, 0.7, 0.2, 0.6, 0.15, 0.55, 0.3, 0.65, 0.05}};
  add_circle(point_cloud, 100.0, 0.0, 5.0, 24);

  const auto diagrams = tda.compute_persistence(point_cloud);
  ASSERT_TRUE(diagrams) << diagrams.error().message;
  ASSERT_EQ(diagrams->dimensions(), 3U);

  const BettiNumbers betti = tda.extract_betti_numbers(*diagrams, {.adaptive = true, .sigma = 2.0});
  EXPECT_EQ(betti.h0, 2U) << "two clusters far apart: the essential component and one of outstanding lifetime";
  EXPECT_EQ(betti.h2, 0U);
  const BettiNumbers all = tda.extract_betti_numbers(*diagrams, {.adaptive = false});
  EXPECT_EQ(all.h0, 29U) << "each of the 29 points is a component of its own at scale 0";
  EXPECT_EQ(all.h1, 1U);
}

TEST(TopologyAnalyzer, ByDefaultLifetimesAreJudgedAdaptivelyAtTwoStandardDeviations) {
  const PersistenceDiagram diagram{
      .pairs = {{{0.0, kInfinity}}, {{1.0, 2.0}, {1.0, 2.0}, {1.0, 2.0}, {1.0, 2.0}, {1.0, 2.0}, {1.0, 9.0}}}};
  const TopologyAnalyzer tda;
  EXPECT_EQ(tda.extract_betti_numbers(diagram), adaptive_betti_numbers(diagram, 2.0));
  EXPECT_EQ(tda.extract_betti_numbers(diagram), (BettiNumbers{1, 1, 0}));
  EXPECT_EQ(tda.extract_betti_numbers(diagram, {.sigma = 3.0}), (BettiNumbers{1, 0, 0}));
  EXPECT_EQ(tda.extract_betti_numbers(diagram, {.adaptive = false}), (BettiNumbers{1, 6, 0}));
}

TEST(TopologyAnalyzer, OneAnalyzerServesOneCloudAfterAnother) {
  TopologyAnalyzer tda(1);
  PointCloud circle{.dimension = 2, .coordinates = {}};
  add_circle(circle, 0.0, 0.0, 1.0, 16);
  const PointCloud segment{.dimension = 1, .coordinates = {0.0, 1.0, 3.0}};
  const auto first = tda.compute_persistence(circle);
  const auto between = tda.compute_persistence(segment);
  const auto again = tda.compute_persistence(circle);
  ASSERT_TRUE(first && between && again);
  EXPECT_EQ(*first, *again);
  EXPECT_EQ(between->pairs[0], (std::vector<PersistencePair>{{0.0, 1.0}, {0.0, 2.0}, {0.0, kInfinity}}));
  EXPECT_TRUE(between->pairs[1].empty());
}

}  // namespace
}  // namespace topoforge
