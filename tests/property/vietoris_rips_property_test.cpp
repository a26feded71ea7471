#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "oracle/naive_persistence.hpp"
#include "property/random_inputs.hpp"
#include "topoforge/core/diagram/diagram_distance.hpp"
#include "topoforge/core/diagram/rips_filtration.hpp"
#include "topoforge/core/diagram/simplex_key.hpp"
#include "topoforge/core/diagram/vietoris_rips.hpp"

namespace topoforge {

void PrintTo(const PersistenceDiagram& diagram, std::ostream* out) {
  for (std::size_t degree = 0; degree < diagram.pairs.size(); ++degree) {
    *out << "\n  H" << degree << ":";
    for (const PersistencePair& pair : diagram.pairs[degree]) *out << " [" << pair.birth << ", " << pair.death << ")";
  }
}

namespace property {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

PersistenceDiagram diagram_of(const DistanceMatrix& distances, const VietorisRipsOptions& options = {}) {
  return VietorisRips().compute(distances, options).value();
}

/// Infinite, or a length at which some edges are in and some are not; often one of the lengths itself.
double any_edge_limit(Random& random, const DistanceMatrix& distances) {
  if (random.below(2) == 0 || distances.lower().empty()) return kInfinity;
  const double length = distances.lower()[random.below(distances.lower().size())];
  return random.below(2) == 0 ? length : length * 0.9;
}

/// Compares `inputs` seeded inputs of 0 to most_points points with the oracle, with one engine for all of them.
void expect_equal_to_oracle(std::uint64_t first_seed, std::size_t inputs, std::size_t most_points,
                            std::size_t max_dimension) {
  VietorisRips engine;
  std::size_t classes = 0;
  for (std::uint64_t seed = first_seed; seed < first_seed + inputs; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed << ", max_dimension " << max_dimension);
    Random random(seed);
    const DistanceMatrix distances = any_distances(random, random.below(most_points + 1));
    const double limit = any_edge_limit(random, distances);
    const auto diagram = engine.compute(distances, {.max_dimension = max_dimension, .max_edge_length = limit});
    ASSERT_TRUE(diagram);
    ASSERT_EQ(*diagram, oracle::naive_persistence(distances, max_dimension, limit)) << "max_edge_length " << limit;
    classes += diagram->pairs[max_dimension].size();
  }
  EXPECT_GT(classes, 0u) << "no input had a class of the highest degree: nothing was compared there";
}

TEST(VietorisRipsProperty, ComponentsEqualTheOracle) { expect_equal_to_oracle(10'000, 1500, 12, 0); }
TEST(VietorisRipsProperty, LoopsEqualTheOracle) { expect_equal_to_oracle(20'000, 6000, 12, 1); }
TEST(VietorisRipsProperty, VoidsEqualTheOracle) { expect_equal_to_oracle(30'000, 6000, 12, 2); }
TEST(VietorisRipsProperty, HollowsOfDegreeThreeEqualTheOracle) { expect_equal_to_oracle(40'000, 4000, 12, 3); }

TEST(VietorisRipsProperty, OrderOfThePointsDoesNotMatter) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    Random random(seed);
    const DistanceMatrix distances = any_distances(random, 5 + random.below(25));
    std::vector<std::size_t> order(distances.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    random.shuffle(order);
    const VietorisRipsOptions options{.max_dimension = 2, .max_edge_length = any_edge_limit(random, distances)};
    EXPECT_EQ(diagram_of(distances, options), diagram_of(reordered(distances, order), options));
  }
}

TEST(VietorisRipsProperty, ScalingByAPowerOfTwoIsExact) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    Random random(seed);
    const PointCloud cloud = uniform_points(random, 20, 1 + random.below(4));
    const double scale = std::ldexp(1.0, static_cast<int>(random.below(200)) - 100);
    PointCloud scaled = cloud;
    for (double& coordinate : scaled.coordinates) coordinate *= scale;
    PersistenceDiagram expected = VietorisRips().compute(cloud).value();
    for (auto& pairs : expected.pairs) {
      for (PersistencePair& pair : pairs) pair = {pair.birth * scale, pair.death * scale};
    }
    EXPECT_EQ(VietorisRips().compute(scaled).value(), expected);
  }
}

TEST(VietorisRipsProperty, SecondPointAtAPlaceAddsNoPairOfPositivePersistence) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    Random random(seed);
    PointCloud cloud = random.below(2) == 0 ? uniform_points(random, 15, 3) : grid_points(random, 15, 3, 3);
    const VietorisRipsOptions options{.max_dimension = 2 + random.below(2)};
    const PersistenceDiagram before = VietorisRips().compute(cloud, options).value();
    const std::size_t twin = random.below(cloud.size());
    const std::vector<double> coordinates(cloud.point(twin).begin(), cloud.point(twin).end());
    const auto place = static_cast<std::ptrdiff_t>(random.below(cloud.size() + 1) * cloud.dimension);
    cloud.coordinates.insert(cloud.coordinates.begin() + place, coordinates.begin(), coordinates.end());
    EXPECT_EQ(VietorisRips().compute(cloud, options).value(), before);
  }
}

TEST(VietorisRipsProperty, DiagramMovesNoFartherThanTheDistances) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    Random random(seed);
    const DistanceMatrix distances = any_distances(random, 5 + random.below(20));
    const double most = std::ldexp(1.0, -static_cast<int>(random.below(12)));
    std::vector<double> moved = distances.lower();
    double largest_move = 0.0;
    for (std::size_t k = 0; k < moved.size(); ++k) {
      moved[k] = std::max(0.0, moved[k] + most * (2 * random.real() - 1));
      largest_move = std::max(largest_move, std::abs(moved[k] - distances.lower()[k]));
    }
    const PersistenceDiagram before = diagram_of(distances);
    const PersistenceDiagram after = diagram_of(DistanceMatrix::trusted(distances.size(), moved));
    for (std::size_t degree = 0; degree < before.pairs.size(); ++degree) {
      // The moves and the distance between diagrams are rounded.
      EXPECT_LE(bottleneck_distance(before.pairs[degree], after.pairs[degree]).value(),
                largest_move * (1 + 1e-12) + 1e-15)
          << "degree " << degree;
    }
  }
}

TEST(VietorisRipsProperty, LowerDegreesDoNotDependOnTheHighest) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    Random random(seed);
    const DistanceMatrix distances = any_distances(random, 16);
    const PersistenceDiagram full = diagram_of(distances, {.max_dimension = 3});
    for (std::size_t highest = 0; highest < 3; ++highest) {
      const PersistenceDiagram part = diagram_of(distances, {.max_dimension = highest});
      EXPECT_TRUE(std::ranges::equal(
          part.pairs, std::vector(full.pairs.begin(), full.pairs.begin() + static_cast<std::ptrdiff_t>(highest) + 1)));
    }
  }
}

TEST(VietorisRipsProperty, EnginesOfEveryWidthEqualTheReduction) {
  // Degree 3 is computed by another engine, the reduction of coboundaries, together with all lower degrees.
  constexpr std::size_t kNeighbours = 24;
  std::size_t voids = 0;
  for (const std::size_t points : {33u, 64u, 65u, 128u, 129u, 256u, 257u, 512u, 513u, 1024u, 1025u, 2048u}) {
    for (std::uint64_t seed = 0; seed < (points <= 256 ? 8 : 1); ++seed) {
      SCOPED_TRACE(::testing::Message() << points << " points, seed " << seed);
      Random random(seed);
      const DistanceMatrix distances = seed % 4 == 3 ? pairwise_distances(grid_points(random, points, 3, 7))
                                                     : pairwise_distances(uniform_points(random, points, 3));
      std::vector<double> lengths = distances.lower();
      const auto limit =
          lengths.begin() + static_cast<std::ptrdiff_t>(std::min(lengths.size() - 1, points * kNeighbours / 2));
      std::ranges::nth_element(lengths, limit);
      PersistenceDiagram expected = diagram_of(distances, {.max_dimension = 3, .max_edge_length = *limit});
      for (std::size_t highest = 3; highest-- > 0;) {
        expected.pairs.resize(highest + 1);
        EXPECT_EQ(diagram_of(distances, {.max_dimension = highest, .max_edge_length = *limit}), expected);
        if (highest == 2) voids += expected.pairs[2].size();
      }
    }
  }
  EXPECT_GT(voids, 100u);
}

TEST(VietorisRipsProperty, WideWindowsWithAllTheirEdgesEqualTheReduction) {
  // Cocycles come from the reduction.
  for (const std::size_t points : {600u, 1025u}) {
    for (const bool on_grid : {false, true}) {
      SCOPED_TRACE(::testing::Message() << points << " points, grid " << on_grid);
      Random random(points);
      const DistanceMatrix distances =
          pairwise_distances(on_grid ? grid_points(random, points, 3, 11) : uniform_points(random, points, 3));
      const auto expected = VietorisRips().cocycles(distances, {.max_dimension = 1});
      EXPECT_EQ(diagram_of(distances, {.max_dimension = 1}), expected->diagram);
      EXPECT_GT(expected->diagram.pairs[1].size(), 100U);
    }
  }
}

TEST(VietorisRipsProperty, ClassesOfPositiveDegreeAreEssentialOnlyUnderAnEdgeLimit) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    Random random(seed);
    const PersistenceDiagram diagram = diagram_of(any_distances(random, 1 + random.below(30)));
    EXPECT_EQ(std::ranges::count_if(diagram.pairs[0], &PersistencePair::essential), 1);
    for (std::size_t degree = 1; degree < diagram.pairs.size(); ++degree) {
      EXPECT_EQ(std::ranges::count_if(diagram.pairs[degree], &PersistencePair::essential), 0);
    }
  }
}

TEST(VietorisRipsProperty, EngineThatIsReusedForAllSizesEqualsAFreshOne) {
  VietorisRips reused;
  VietorisRips interleaved;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    Random random(seed);
    const DistanceMatrix distances = any_distances(random, random.below(40));
    const DistanceMatrix others = any_distances(random, random.below(40));
    const VietorisRipsOptions options{.max_dimension = random.below(3),
                                      .max_edge_length = any_edge_limit(random, distances)};
    // Two engines take turns; neither may see the other or what it computed before.
    const PersistenceDiagram first = reused.compute(distances, options).value();
    const PersistenceDiagram second = interleaved.compute(others).value();
    EXPECT_EQ(reused.compute(distances, options).value(), first);
    EXPECT_EQ(first, diagram_of(distances, options));
    EXPECT_EQ(second, diagram_of(others));
  }
}

TEST(VietorisRipsProperty, KeysOfBothWidthsGiveTheSameDiagram) {
  // Far points spread the vertices over more bits than 64-bit keys have; a limit on edges keeps them out of the complex
  // except as components.
  constexpr std::size_t kFarPoints = 2100;
  constexpr std::size_t kNearPoints = 24;
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    Random random(seed);
    const PointCloud near = uniform_points(random, kNearPoints, 4);
    const VietorisRipsOptions options{.max_dimension = 3, .max_edge_length = 0.8};
    RipsFiltration filtration;
    filtration.build(pairwise_distances(near), options.max_edge_length);
    ASSERT_TRUE(KeyLayout<NarrowKey>::fits(kNearPoints, filtration.last_rank(), 5));
    ASSERT_FALSE(KeyLayout<NarrowKey>::fits(kFarPoints + kNearPoints, filtration.last_rank(), 5));
    PersistenceDiagram expected = VietorisRips().compute(near, options).value();
    expected.pairs[0].insert(expected.pairs[0].end(), kFarPoints, {0, kInfinity});

    // The near points stand last, so that their numbers need all the bits.
    PointCloud cloud{4, {}};
    for (std::size_t k = 1; k <= kFarPoints; ++k) {
      cloud.coordinates.insert(cloud.coordinates.end(), {10.0 * static_cast<double>(k), 0, 0, 0});
    }
    cloud.coordinates.insert(cloud.coordinates.end(), near.coordinates.begin(), near.coordinates.end());
    EXPECT_EQ(VietorisRips().compute(cloud, options).value(), expected);
  }
}

}  // namespace
}  // namespace property
}  // namespace topoforge
