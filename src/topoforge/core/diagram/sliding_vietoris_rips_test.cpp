#include "topoforge/core/diagram/sliding_vietoris_rips.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace topoforge {
namespace {

using ::testing::HasSubstr;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

SlidingVietorisRips sliding(std::size_t window, Metric metric = Metric::euclidean, VietorisRipsOptions rips = {}) {
  return SlidingVietorisRips::make({window, metric, rips}).value();
}

/// The message of the error, and that it is of this kind.
template <class T>
std::string refusal(const Result<T>& result, ErrorCode code = ErrorCode::invalid_argument) {
  if (result) return "no error";
  EXPECT_EQ(result.error().code, code);
  return result.error().message;
}

PersistenceDiagram diagram_of(SlidingVietorisRips& rips) { return **rips.diagram(); }

TEST(SlidingVietorisRips, EmptyWindowHasAnEmptyDiagram) {
  SlidingVietorisRips rips = sliding(5);
  EXPECT_EQ(rips.size(), 0u);
  EXPECT_EQ(diagram_of(rips), (PersistenceDiagram{{{}, {}, {}}}));
}

TEST(SlidingVietorisRips, WindowOfOnePointIsAlwaysOneComponent) {
  SlidingVietorisRips rips = sliding(1);
  for (const double at : {0.0, 7.0, 7.0}) {
    ASSERT_TRUE(rips.push(std::vector{at, 1.0}));
    EXPECT_EQ(diagram_of(rips), (PersistenceDiagram{{{{0, kInfinity}}, {}, {}}}));
  }
  EXPECT_EQ(rips.size(), 1u);
}

TEST(SlidingVietorisRips, LoopComesAndGoesWithTheWindow) {
  // A square, whose loop lives from its side to its diagonal, then points on a line.
  SlidingVietorisRips rips = sliding(4);
  const std::vector<std::vector<double>> points{{0, 0}, {1, 0}, {1, 1}, {0, 1}, {0, 2}, {0, 3}, {0, 4}};
  std::vector<std::size_t> loops;
  for (const auto& point : points) {
    ASSERT_TRUE(rips.push(point));
    loops.push_back(diagram_of(rips).pairs[1].size());
  }
  EXPECT_EQ(loops, (std::vector<std::size_t>{0, 0, 0, 1, 0, 0, 0}));
  EXPECT_EQ(rips.size(), 4u);
}

TEST(SlidingVietorisRips, DiagramIsTheSameWhenItIsAskedForTwice) {
  SlidingVietorisRips rips = sliding(4);
  for (const auto& point : {std::vector<double>{0, 0}, {1, 0}, {1, 1}, {0, 1}}) ASSERT_TRUE(rips.push(point));
  const PersistenceDiagram first = diagram_of(rips);
  EXPECT_EQ(first.pairs[1], (std::vector<PersistencePair>{{1, std::sqrt(2.0)}}));
  EXPECT_EQ(diagram_of(rips), first);
}

TEST(SlidingVietorisRips, MetricsAreThoseOfDistanceMatrices) {
  const PointCloud cloud{2, {1, 0, 4, 1, 2, 2, -1, 3, -2, 1, 3, -2, 0.5, -1}};
  for (const Metric metric : {Metric::euclidean, Metric::manhattan, Metric::chebyshev, Metric::cosine}) {
    SCOPED_TRACE(static_cast<int>(metric));
    SlidingVietorisRips rips = sliding(7, metric);
    for (std::size_t i = 0; i < cloud.size(); ++i) ASSERT_TRUE(rips.push(cloud.point(i)));
    EXPECT_EQ(diagram_of(rips), VietorisRips().compute(pairwise_distances(cloud, metric)).value());
  }
}

TEST(SlidingVietorisRips, DistancesTakeThePlaceOfCoordinates) {
  SlidingVietorisRips rips = sliding(3);
  ASSERT_TRUE(rips.push_distances(std::vector<double>{}));
  ASSERT_TRUE(rips.push_distances(std::vector{3.0}));
  ASSERT_TRUE(rips.push_distances(std::vector{4.0, 5.0}));
  EXPECT_EQ(diagram_of(rips).pairs[0], (std::vector<PersistencePair>{{0, 3}, {0, 4}, {0, kInfinity}}));
  // The first point leaves: the other two are 5 apart.
  ASSERT_TRUE(rips.push_distances(std::vector{1.0, 9.0}));
  EXPECT_EQ(diagram_of(rips).pairs[0], (std::vector<PersistencePair>{{0, 1}, {0, 5}, {0, kInfinity}}));
}

TEST(SlidingVietorisRips, ClearedWindowIsAsGoodAsNew) {
  SlidingVietorisRips rips = sliding(4);
  for (int k = 0; k < 9; ++k) {
    ASSERT_TRUE(rips.push(std::vector{std::cos(k), std::sin(k)}));
    ASSERT_TRUE(rips.diagram());
  }
  rips.clear();
  EXPECT_EQ(rips.size(), 0u);
  EXPECT_EQ(diagram_of(rips), (PersistenceDiagram{{{}, {}, {}}}));
  // A square, known by distances.
  ASSERT_TRUE(rips.push_distances(std::vector<double>{}));
  ASSERT_TRUE(rips.push_distances(std::vector{1.0}));
  ASSERT_TRUE(rips.push_distances(std::vector{2.0, 1.0}));
  EXPECT_EQ(diagram_of(rips).pairs[0].size(), 3u);
  ASSERT_TRUE(rips.push_distances(std::vector{1.0, 2.0, 1.0}));
  EXPECT_EQ(diagram_of(rips).pairs[1], (std::vector<PersistencePair>{{1, 2}}));
  rips.clear();
  EXPECT_TRUE(rips.push(std::vector{1.0, 2.0, 3.0})) << "in another dimension";
}

TEST(SlidingVietorisRips, RefusedPointsChangeNothing) {
  SlidingVietorisRips rips = sliding(3);
  ASSERT_TRUE(rips.push(std::vector{0.0, 0.0}));
  ASSERT_TRUE(rips.push(std::vector{3.0, 4.0}));
  const PersistenceDiagram before = diagram_of(rips);
  EXPECT_THAT(refusal(rips.push(std::vector{1.0})), HasSubstr("2 coordinates, got 1"));
  EXPECT_THAT(refusal(rips.push(std::vector{1.0, kNan})), HasSubstr("coordinate 1 of the point is nan"));
  EXPECT_THAT(refusal(rips.push(std::vector{-kInfinity, 1.0})), HasSubstr("coordinate 0 of the point is -inf"));
  EXPECT_THAT(refusal(rips.push_distances(std::vector{1.0, 1.0})), HasSubstr("known by coordinates"));
  EXPECT_EQ(rips.size(), 2u);
  EXPECT_EQ(diagram_of(rips), before);
}

TEST(SlidingVietorisRips, RefusedDistancesChangeNothing) {
  SlidingVietorisRips rips = sliding(2);
  EXPECT_THAT(refusal(rips.push_distances(std::vector{1.0})), HasSubstr("each of the 0 points that stay, got 1"));
  ASSERT_TRUE(rips.push_distances(std::vector<double>{}));
  EXPECT_THAT(refusal(rips.push_distances(std::vector{-1.0})), HasSubstr("distance 0 is -1"));
  EXPECT_THAT(refusal(rips.push_distances(std::vector{kNan})), HasSubstr("distance 0 is nan"));
  EXPECT_THAT(refusal(rips.push_distances(std::vector{kInfinity})), HasSubstr("distance 0 is inf"));
  EXPECT_THAT(refusal(rips.push(std::vector{1.0})), HasSubstr("known by distances"));
  EXPECT_EQ(rips.size(), 1u);
}

TEST(SlidingVietorisRips, FirstRefusedPointDoesNotDecideTheNumberOfCoordinates) {
  SlidingVietorisRips rips = sliding(2);
  EXPECT_THAT(refusal(rips.push(std::vector{kNan, 1.0, 2.0})), HasSubstr("coordinate 0"));
  EXPECT_TRUE(rips.push(std::vector{1.0}));
}

TEST(SlidingVietorisRips, OptionsOutsideTheirRangeAreRefused) {
  const auto made = [](std::size_t window, VietorisRipsOptions rips) {
    return refusal(SlidingVietorisRips::make({window, Metric::euclidean, rips}));
  };
  EXPECT_THAT(made(0, {}), HasSubstr("window is 1 to 4096 points, got 0"));
  EXPECT_THAT(made(4097, {}), HasSubstr("got 4097"));
  EXPECT_THAT(made(5, {.max_dimension = 4}), HasSubstr("max_dimension is 0 to 3, got 4"));
  EXPECT_THAT(made(5, {.max_edge_length = -1}), HasSubstr("got -1"));
  EXPECT_THAT(made(5, {.max_edge_length = kNan}), HasSubstr("got nan"));
}

TEST(SlidingVietorisRips, WindowThatIsTooRichIsRefusedAndTheNextOneIsNot) {
  // A polygon needs more than 16 words of links and annotations, points at one place next to none.
  SlidingVietorisRips rips = sliding(40, Metric::euclidean, {.max_dimension = 2, .max_stored_simplices = 16});
  for (int k = 0; k < 40; ++k) ASSERT_TRUE(rips.push(std::vector{std::cos(0.1571 * k), std::sin(0.1571 * k)}));
  EXPECT_THAT(refusal(rips.diagram(), ErrorCode::limit_exceeded), HasSubstr("40 points up to degree 2"));
  EXPECT_THAT(refusal(rips.diagram(), ErrorCode::limit_exceeded), HasSubstr("more than 16 stored"));
  for (int k = 0; k < 40; ++k) ASSERT_TRUE(rips.push(std::vector{0.0, 0.0}));
  EXPECT_EQ(diagram_of(rips).pairs[0].size(), 1u);
}

}  // namespace
}  // namespace topoforge
