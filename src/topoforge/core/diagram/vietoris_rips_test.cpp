#include "topoforge/core/diagram/vietoris_rips.hpp"

#include <cmath>
#include <limits>
#include <numbers>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace topoforge {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

PersistenceDiagram diagram_of(const PointCloud& cloud, VietorisRipsOptions options = {}) {
  const auto diagram = VietorisRips().compute(cloud, options);
  EXPECT_TRUE(diagram) << (diagram ? "" : diagram.error().message);
  return diagram.value_or(PersistenceDiagram{});
}

PointCloud circle(std::size_t points) {
  PointCloud cloud{2, {}};
  for (std::size_t k = 0; k < points; ++k) {
    const double angle = 2 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(points);
    cloud.coordinates.push_back(std::cos(angle));
    cloud.coordinates.push_back(std::sin(angle));
  }
  return cloud;
}

/// The 2 d vertices of the cross-polytope, whose boundary is a sphere of dimension d - 1.
PointCloud cross_polytope(std::size_t dimension) {
  PointCloud cloud{dimension, std::vector<double>(2 * dimension * dimension, 0.0)};
  for (std::size_t k = 0; k < dimension; ++k) {
    cloud.coordinates[(2 * k) * dimension + k] = 1.0;
    cloud.coordinates[(2 * k + 1) * dimension + k] = -1.0;
  }
  return cloud;
}

TEST(VietorisRips, NoPointsHaveAnEmptyDiagram) { EXPECT_EQ(diagram_of({}), (PersistenceDiagram{{{}, {}, {}}})); }

TEST(VietorisRips, OnePointIsOneComponent) {
  EXPECT_EQ(diagram_of({2, {3, 4}}), (PersistenceDiagram{{{{0, kInfinity}}, {}, {}}}));
}

TEST(VietorisRips, TwoPointsMeetAtTheirDistance) {
  EXPECT_EQ(diagram_of({2, {0, 0, 3, 4}}, {.max_dimension = 3}),
            (PersistenceDiagram{{{{0, 5}, {0, kInfinity}}, {}, {}, {}}}));
}

TEST(VietorisRips, UnitSquareHasALoopFromItsSideToItsDiagonal) {
  const PersistenceDiagram diagram = diagram_of({2, {0, 0, 1, 0, 1, 1, 0, 1}});
  EXPECT_EQ(diagram.pairs[0], (std::vector<PersistencePair>{{0, 1}, {0, 1}, {0, 1}, {0, kInfinity}}));
  EXPECT_EQ(diagram.pairs[1], (std::vector<PersistencePair>{{1, std::sqrt(2.0)}}));
  EXPECT_THAT(diagram.pairs[2], IsEmpty());
}

TEST(VietorisRips, TwoSquaresHaveTwoLoops) {
  const PersistenceDiagram diagram = diagram_of({2, {0, 0, 1, 0, 1, 1, 0, 1, 10, 0, 12, 0, 12, 2, 10, 2}});
  EXPECT_EQ(diagram.pairs[1], (std::vector<PersistencePair>{{1, std::sqrt(2.0)}, {2, std::sqrt(8.0)}}));
  EXPECT_EQ(diagram.pairs[0].size(), 8u);
  EXPECT_EQ(diagram.pairs[0][6], (PersistencePair{0, 9}));
}

TEST(VietorisRips, CircleHasOneLongLoop) {
  // Adamaszek and Adams (2017): the loop of n points lives until the filtration passes a third of the circle.
  for (const std::size_t points : {12u, 30u, 61u}) {
    SCOPED_TRACE(points);
    const PersistenceDiagram diagram = diagram_of(circle(points), {.max_dimension = 1});
    ASSERT_EQ(diagram.pairs[1].size(), 1u);
    const double steps = std::ceil(static_cast<double>(points) / 3.0);
    EXPECT_NEAR(diagram.pairs[1][0].birth, 2 * std::sin(std::numbers::pi / static_cast<double>(points)), 1e-12);
    EXPECT_NEAR(diagram.pairs[1][0].death, 2 * std::sin(std::numbers::pi * steps / static_cast<double>(points)), 1e-12);
  }
}

TEST(VietorisRips, CrossPolytopesAreSpheres) {
  for (const std::size_t dimension : {2u, 3u, 4u}) {
    SCOPED_TRACE(dimension);
    const PersistenceDiagram diagram = diagram_of(cross_polytope(dimension), {.max_dimension = 3});
    for (std::size_t degree = 1; degree <= 3; ++degree) {
      SCOPED_TRACE(degree);
      const std::vector<PersistencePair> sphere{{std::sqrt(2.0), 2.0}};
      EXPECT_EQ(diagram.pairs[degree], degree + 1 == dimension ? sphere : std::vector<PersistencePair>{});
    }
  }
}

TEST(VietorisRips, FlatTorusHasTwoLoopsAndOneVoid) {
  // A grid of 8 x 8 points on the product of two circles in R^4.
  PointCloud cloud{4, {}};
  const PointCloud ring = circle(8);
  for (std::size_t i = 0; i < 8; ++i) {
    for (std::size_t j = 0; j < 8; ++j) {
      for (const std::size_t k : {i, j})
        cloud.coordinates.insert(cloud.coordinates.end(), ring.point(k).begin(), ring.point(k).end());
    }
  }
  const PersistenceDiagram diagram = diagram_of(cloud);
  const auto longer_than = [](const std::vector<PersistencePair>& pairs, double lifetime) {
    return std::ranges::count_if(pairs, [&](const PersistencePair& pair) { return pair.lifetime() > lifetime; });
  };
  EXPECT_EQ(longer_than(diagram.pairs[1], 0.8), 2);
  EXPECT_EQ(longer_than(diagram.pairs[2], 0.5), 1);
}

TEST(VietorisRips, ClassesAliveAtTheMaximumEdgeLengthAreEssential) {
  const PointCloud square{2, {0, 0, 1, 0, 1, 1, 0, 1}};
  EXPECT_EQ(diagram_of(square, {.max_dimension = 1, .max_edge_length = 1.2}).pairs[1],
            (std::vector<PersistencePair>{{1, kInfinity}}));
  EXPECT_EQ(diagram_of(square, {.max_dimension = 1, .max_edge_length = 1.0}).pairs[1],
            (std::vector<PersistencePair>{{1, kInfinity}}));
  EXPECT_EQ(diagram_of(square, {.max_dimension = 1, .max_edge_length = 0.9}).pairs[0],
            std::vector<PersistencePair>(4, {0, kInfinity}));
}

TEST(VietorisRips, EdgeAsLongAsTheMaximumIsIn) {
  EXPECT_EQ(diagram_of({1, {0, 3}}, {.max_edge_length = 3}).pairs[0],
            (std::vector<PersistencePair>{{0, 3}, {0, kInfinity}}));
}

TEST(VietorisRips, PointsAtOnePlaceAreOneComponent) {
  EXPECT_EQ(diagram_of({2, std::vector<double>(20, 1.5)}, {.max_dimension = 3}),
            (PersistenceDiagram{{{{0, kInfinity}}, {}, {}, {}}}));
  EXPECT_EQ(diagram_of({1, {1, 1, 1}}, {.max_edge_length = 0}).pairs[0],
            (std::vector<PersistencePair>{{0, kInfinity}}));
}

TEST(VietorisRips, OptionsOutsideTheirRangeAreRefused) {
  VietorisRips engine;
  const PointCloud cloud{1, {0, 1}};
  const auto dimension = engine.compute(cloud, {.max_dimension = 4});
  ASSERT_FALSE(dimension);
  EXPECT_EQ(dimension.error().code, ErrorCode::invalid_argument);
  EXPECT_THAT(dimension.error().message, HasSubstr("got 4"));
  for (const double length : {-1.0, std::numeric_limits<double>::quiet_NaN()}) {
    const auto edge = engine.compute(cloud, {.max_edge_length = length});
    ASSERT_FALSE(edge);
    EXPECT_EQ(edge.error().code, ErrorCode::invalid_argument);
    EXPECT_THAT(edge.error().message, HasSubstr("max_edge_length"));
  }
}

TEST(VietorisRips, TooManyPointsAreRefused) {
  const auto diagram = VietorisRips().compute(PointCloud{1, std::vector<double>(kMaxDiagramPoints + 1)});
  ASSERT_FALSE(diagram);
  EXPECT_EQ(diagram.error().code, ErrorCode::limit_exceeded);
  EXPECT_THAT(diagram.error().message, HasSubstr("4097"));
}

TEST(VietorisRips, CoordinateThatIsNotFiniteIsRefusedByItsPlace) {
  const auto diagram = VietorisRips().compute(PointCloud{2, {0, 1, 2, kInfinity}});
  ASSERT_FALSE(diagram);
  EXPECT_EQ(diagram.error().code, ErrorCode::invalid_argument);
  EXPECT_THAT(diagram.error().message, HasSubstr("coordinate 1 of point 1 is inf"));
  EXPECT_FALSE(VietorisRips().compute(PointCloud{2, {0, 1, 2}}));
}

TEST(VietorisRips, WorkBeyondItsLimitIsRefusedAndTheEngineStaysGood) {
  VietorisRips engine;
  const PointCloud cloud = circle(40);
  const auto refused = engine.compute(cloud, {.max_stored_simplices = 1});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::limit_exceeded);
  const auto diagram = engine.compute(cloud);
  ASSERT_TRUE(diagram);
  EXPECT_EQ(*diagram, diagram_of(cloud));
}

TEST(VietorisRips, MemoryBeyondWhatPlacesCanCountIsRefused) {
  const auto refused = VietorisRips().compute(circle(5), {.max_stored_simplices = kMaxStoredSimplices + 1});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(),
            (Error{ErrorCode::invalid_argument, "max_stored_simplices is at most 2147483648, got 2147483649"}));
  EXPECT_TRUE(VietorisRips().compute(circle(5), {.max_stored_simplices = kMaxStoredSimplices}));
}

TEST(VietorisRips, MovedEngineWorks) {
  VietorisRips first;
  VietorisRips second = std::move(first);
  EXPECT_TRUE(second.compute(PointCloud{1, {0, 1}}));
}

TEST(VietorisRips, BudgetCutsTheDiagramShort) {
  const PointCloud square{2, {0, 0, 1, 0, 1, 1, 0, 1}};
  VietorisRips rips;
  // The four sides are looked at, the diagonals are not: the loop dies somewhere between them and the radius, at once.
  const PersistenceDiagram cut = rips.compute(square, {.max_dimension = 1, .max_cells = 4}).value();
  const double diagonal = std::sqrt(2.0);
  ASSERT_TRUE(cut.approximation);
  EXPECT_EQ(*cut.approximation, (Approximation{diagonal, 0.0}));
  EXPECT_EQ(cut.pairs[1], (std::vector<PersistencePair>{{1.0, diagonal}}));
  EXPECT_EQ(cut.pairs[0].size(), 4u);
  // Nothing but the components.
  const PersistenceDiagram least = rips.compute(square, {.max_dimension = 2, .max_cells = 1}).value();
  ASSERT_TRUE(least.approximation);
  EXPECT_EQ(least.approximation->exact_below, 1.0);
  EXPECT_DOUBLE_EQ(least.approximation->bottleneck_bound, (diagonal - 1.0) / 2);
  EXPECT_EQ(least.pairs[0].size(), 4u);
  EXPECT_TRUE(least.pairs[1].empty());
  EXPECT_FALSE(rips.compute(square, {.max_cells = 1000}).value().approximation);
}

TEST(VietorisRips, BudgetThatCannotCutIsAnError) {
  const PointCloud square{2, {0, 0, 1, 0, 1, 1, 0, 1}};
  VietorisRips rips;
  EXPECT_EQ(rips.compute(square, {.max_cells = 0}).error().message, "max_cells is 1 or more, got 0");
  PointCloud cloud{3, {}};
  for (unsigned i = 0; i < 90; ++i) cloud.coordinates.push_back(i * i * 7 % 31);
  const auto degree_three = rips.compute(cloud, {.max_dimension = 3, .max_cells = 1});
  ASSERT_FALSE(degree_three);
  EXPECT_EQ(degree_three.error().code, ErrorCode::limit_exceeded);
}

}  // namespace
}  // namespace topoforge
