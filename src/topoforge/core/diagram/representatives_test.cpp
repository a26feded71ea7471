#include "topoforge/core/diagram/representatives.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include <gtest/gtest.h>

#include "topoforge/core/cloud/distance_matrix.hpp"
#include "topoforge/core/diagram/vietoris_rips.hpp"

namespace topoforge {
namespace {

PointCloud polygon(std::size_t corners, double radius = 1.0, double x = 0.0) {
  PointCloud cloud{2, {}};
  for (std::size_t k = 0; k < corners; ++k) {
    const double angle = 2 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(corners);
    cloud.coordinates.push_back(x + radius * std::cos(angle));
    cloud.coordinates.push_back(radius * std::sin(angle));
  }
  return cloud;
}

RepresentedDiagram represented(const PointCloud& cloud, const VietorisRipsOptions& options, std::size_t most_loops) {
  return VietorisRips().represent(pairwise_distances(cloud), options, most_loops).value();
}

TEST(Representatives, PolygonIsItsOwnCycle) {
  const RepresentedDiagram result = represented(polygon(8), {.max_dimension = 1}, 1);
  ASSERT_EQ(result.loops.size(), 1u);
  std::vector<std::uint32_t> cycle = result.loops[0].cycle;
  for (std::size_t i = 0; i < cycle.size(); ++i) {
    const std::uint32_t step = (cycle[i] + 8 - cycle[(i + 1) % cycle.size()]) % 8;
    EXPECT_TRUE(step == 1 || step == 7);
  }
  std::ranges::sort(cycle);
  EXPECT_EQ(cycle, (std::vector<std::uint32_t>{0, 1, 2, 3, 4, 5, 6, 7}));
  EXPECT_TRUE(result.loops[0].exact);
}

TEST(Representatives, SquareIsKilledByATriangleAcrossItsDiagonal) {
  const PointCloud square{2, {0, 0, 1, 0, 1, 1, 0, 1}};
  const RepresentedDiagram result = represented(square, {.max_dimension = 1}, 5);
  ASSERT_EQ(result.simplices[1].size(), 1u);
  // The last side in the order of ties, and the first diagonal in it with one of the points across.
  EXPECT_EQ(result.simplices[1][0].birth, (SimplexPoints{2, 3}));
  EXPECT_EQ(result.simplices[1][0].death.size(), 3u);
  ASSERT_EQ(result.loops.size(), 1u);
  EXPECT_EQ(result.loops[0].cycle.size(), 4u);
}

TEST(Representatives, OctahedronIsKilledByATetrahedron) {
  const PointCloud octahedron{3, {1, 0, 0, -1, 0, 0, 0, 1, 0, 0, -1, 0, 0, 0, 1, 0, 0, -1}};
  const RepresentedDiagram result = represented(octahedron, {.max_dimension = 2}, 0);
  ASSERT_EQ(result.simplices[2].size(), 1u);
  EXPECT_EQ(result.simplices[2][0].birth.size(), 3u);
  EXPECT_EQ(result.simplices[2][0].death.size(), 4u);
  EXPECT_TRUE(result.loops.empty());
}

TEST(Representatives, LoopsComeByTheirLives) {
  PointCloud cloud = polygon(6, 1.0);
  const PointCloud large = polygon(12, 3.0, 20.0);
  cloud.coordinates.insert(cloud.coordinates.end(), large.coordinates.begin(), large.coordinates.end());
  const RepresentedDiagram result = represented(cloud, {.max_dimension = 1}, 2);
  ASSERT_EQ(result.loops.size(), 2u);
  EXPECT_EQ(result.loops[0].cycle.size(), 12u);
  for (const std::uint32_t point : result.loops[0].cycle) EXPECT_GE(point, 6u);
  EXPECT_EQ(result.loops[1].cycle.size(), 6u);
  for (const std::uint32_t point : result.loops[1].cycle) EXPECT_LT(point, 6u);
}

TEST(Representatives, ComponentsDieYoungestFirst) {
  const PointCloud line{1, {0.0, 1.0, 5.0}};
  const RepresentedDiagram result = represented(line, {.max_dimension = 0}, 3);
  ASSERT_EQ(result.simplices.size(), 1u);
  EXPECT_EQ(result.simplices[0], (std::vector<PairSimplices>{{{1}, {0, 1}}, {{2}, {1, 2}}, {{0}, {}}}));
  EXPECT_TRUE(result.loops.empty());
}

TEST(Representatives, EssentialLoopHasNoKiller) {
  const RepresentedDiagram result = represented(polygon(8), {.max_dimension = 1, .max_edge_length = 1.0}, 1);
  ASSERT_EQ(result.loops.size(), 1u);
  EXPECT_TRUE(result.diagram.pairs[1][0].essential());
  EXPECT_TRUE(result.simplices[1][0].death.empty());
  EXPECT_EQ(result.loops[0].cycle.size(), 8u);
  EXPECT_FALSE(result.loops[0].cocycle.empty());
}

TEST(Representatives, OfFewPoints) {
  EXPECT_TRUE(represented({2, {}}, {}, 1).simplices[0].empty());
  const RepresentedDiagram one = represented({2, {1, 2}}, {}, 1);
  EXPECT_EQ(one.simplices[0], (std::vector<PairSimplices>{{{0}, {}}}));
  EXPECT_EQ(one.diagram.dimensions(), 3u);
}

TEST(Representatives, WhatTheyAreNotForIsRefused) {
  VietorisRips rips;
  const DistanceMatrix square = pairwise_distances(PointCloud{2, {0, 0, 1, 0, 1, 1, 0, 1}});
  const auto degree = rips.represent(square, {.max_dimension = 3}, 1);
  ASSERT_FALSE(degree);
  EXPECT_EQ(degree.error().message, "representatives are of degrees up to 2, got 3");
  const auto many = rips.represent(DistanceMatrix::trusted(2049, std::vector<double>(std::size_t{2049} * 1024)), {}, 1);
  ASSERT_FALSE(many);
  EXPECT_EQ(many.error().code, ErrorCode::limit_exceeded);
  EXPECT_FALSE(rips.represent(square, {.max_edge_length = -1.0}, 1));
}

}  // namespace
}  // namespace topoforge
