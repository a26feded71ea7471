#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numbers>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "property/known_spaces.hpp"
#include "topoforge/core/diagram/sliding_vietoris_rips.hpp"
#include "topoforge/core/diagram/vietoris_rips.hpp"

/// The diagrams of spaces whose homology or persistence is published.
namespace topoforge::property {
namespace {

using Pairs = std::vector<PersistencePair>;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

PersistenceDiagram diagram_of(const DistanceMatrix& distances, const VietorisRipsOptions& options) {
  return VietorisRips().compute(distances, options).value();
}

Pairs repeated(std::size_t count, PersistencePair pair) {
  return pair.birth < pair.death ? Pairs(count, pair) : Pairs{};
}
Pairs together(Pairs a, const Pairs& b) {
  a.insert(a.end(), b.begin(), b.end());
  std::ranges::sort(a);
  return a;
}
/// Of n points that all meet at one length.
Pairs components(std::size_t points, double length) {
  return together(repeated(points - 1, {0, length}), {{0, kInfinity}});
}

/// How many classes of each degree are alive when the edges up to this length are in.
std::vector<std::size_t> betti_numbers(const PersistenceDiagram& diagram) {
  std::vector<std::size_t> betti;
  for (const Pairs& pairs : diagram.pairs)
    betti.push_back(static_cast<std::size_t>(std::ranges::count_if(pairs, &PersistencePair::essential)));
  return betti;
}
std::vector<std::size_t> betti_numbers(const DistanceMatrix& distances, double length, std::size_t max_dimension) {
  return betti_numbers(diagram_of(distances, {.max_dimension = max_dimension, .max_edge_length = length}));
}

/// The points come round in a window that has just room for them: its diagram must stay as it is.
void expect_slides(const DistanceMatrix& distances, const PersistenceDiagram& expected, std::size_t pushes,
                   double max_edge_length = kInfinity) {
  const std::size_t n = distances.size();
  VietorisRipsOptions options{.max_dimension = std::min<std::size_t>(expected.pairs.size() - 1, 2)};
  options.max_edge_length = max_edge_length;
  SlidingVietorisRips sliding = SlidingVietorisRips::make({n, Metric::euclidean, options}).value();
  std::vector<double> to_others;
  for (std::size_t push = 0; push < n + pushes; ++push) {
    to_others.clear();
    for (std::size_t other = push < n ? 0 : push - n + 1; other < push; ++other)
      to_others.push_back(distances(push % n, other % n));
    ASSERT_TRUE(sliding.push_distances(to_others));
    if (push + 1 < n) continue;
    const PersistenceDiagram& diagram = **sliding.diagram();
    for (std::size_t degree = 0; degree <= options.max_dimension; ++degree)
      ASSERT_EQ(diagram.pairs[degree], expected.pairs[degree]) << "degree " << degree << ", push " << push;
  }
}

/// Adamaszek, "Clique complexes and graph powers" (2013), and Adamaszek and Adams, "The Vietoris-Rips complexes of a
/// circle" (2017): the complex of a regular polygon is an odd sphere of dimension 2 l + 1 where the fraction of the
/// circle that an edge may span is strictly between l / (2 l + 1) and (l + 1) / (2 l + 3), and a bouquet of spheres of
/// dimension 2 l at l / (2 l + 1).
PersistenceDiagram polygon_diagram(std::size_t n) {
  const auto bar = [&](std::size_t birth, std::size_t death) {
    return PersistencePair{chord(n, birth), chord(n, death)};
  };
  const std::size_t third = (n + 2) / 3;  // the first step count of at least a third
  const std::size_t two_fifths = (2 * n + 4) / 5;
  PersistenceDiagram diagram{{components(n, chord(n, 1)), {}, {}, {}}};
  if (third > 1) diagram.pairs[1] = {bar(1, third)};
  if (n % 3 == 0 && n > 3) diagram.pairs[2] = repeated(n / 3 - 1, bar(n / 3, n / 3 + 1));
  if (n / 3 + 1 < two_fifths) diagram.pairs[3] = {bar(n / 3 + 1, two_fifths)};
  return diagram;
}

TEST(KnownSpaces, RegularPolygonsHaveTheBarsOfTheClosedFormula) {
  for (std::size_t n = 3; n <= 40; ++n) {
    SCOPED_TRACE(n);
    EXPECT_EQ(diagram_of(regular_polygon(n), {.max_dimension = 3}), polygon_diagram(n));
  }
  for (const std::size_t n : {63u, 64u, 65u, 129u}) {
    SCOPED_TRACE(n);
    PersistenceDiagram expected = polygon_diagram(n);
    expected.pairs.pop_back();
    EXPECT_EQ(diagram_of(regular_polygon(n), {}), expected);
  }
}

TEST(KnownSpaces, RegularPolygonsKeepTheirBarsWhileTheySlide) {
  for (const std::size_t n : {3u, 5u, 6u, 12u, 17u, 24u, 40u, 65u}) {
    SCOPED_TRACE(n);
    expect_slides(regular_polygon(n), polygon_diagram(n), n);
  }
}

TEST(KnownSpaces, HypercubesAreBouquetsOfCirclesThenOfThreeSpheres) {
  // Adamaszek and Adams, "On Vietoris-Rips complexes of hypercube graphs" (2022): at 2 there are
  // sum over 0 <= j < i < n of (j + 1)(2^(n-2) - 2^(i-1)) spheres. At 3 nothing of degree 1 to 3 is left (Shukla 2023).
  for (std::size_t n = 2; n <= 5; ++n) {
    SCOPED_TRACE(n);
    const std::size_t vertices = std::size_t{1} << n;
    std::size_t spheres = 0;
    for (std::size_t i = 1; i < n; ++i) {
      for (std::size_t j = 0; j < i; ++j) spheres += (j + 1) * (vertices / 4 - (std::size_t{1} << (i - 1)));
    }
    const PersistenceDiagram expected{
        {components(vertices, 1), repeated((n - 2) * (vertices / 2) + 1, {1, 2}), {}, repeated(spheres, {2, 3})}};
    EXPECT_EQ(diagram_of(hypercube(n), {.max_dimension = 3}), expected);
    expect_slides(hypercube(n), expected, 2 * vertices);
  }
}

TEST(KnownSpaces, CrossPolytopesAreSpheresUntilOppositeVerticesMeet) {
  for (std::size_t dimension = 2; dimension <= 8; ++dimension) {
    SCOPED_TRACE(dimension);
    const DistanceMatrix vertices = distances_between(
        2 * dimension, [](std::size_t i, std::size_t j) { return i == j + 1 && i % 2 == 1 ? 2.0 : 1.0; });
    PersistenceDiagram expected{{components(2 * dimension, 1), {}, {}, {}}};
    if (dimension <= 4) expected.pairs[dimension - 1] = {{1, 2}};
    EXPECT_EQ(diagram_of(vertices, {.max_dimension = 3}), expected);
    expect_slides(vertices, expected, 100);
  }
}

TEST(KnownSpaces, IcosahedronIsASphereUntilItsDiagonals) {
  // With the diagonals it is the cross-polytope of six pairs of opposite vertices, a sphere of dimension 5.
  const PersistenceDiagram expected{{components(12, 1), {}, {{1, std::numbers::phi}}, {}}};
  EXPECT_EQ(diagram_of(icosahedron(), {.max_dimension = 3}), expected);
  expect_slides(icosahedron(), expected, 100);
}

TEST(KnownSpaces, PolytopesOfDimensionFourHaveTheHomologyOfTheirFlagComplexes) {
  // The facets of the 24-cell are hollow octahedra: its triangles make the 2-skeleton of a sphere, with a void for each
  // of the 24 but one. The facets of the 600-cell are tetrahedra, and there are no other cliques: a sphere.
  EXPECT_EQ(betti_numbers(pairwise_distances(cell_24()), std::sqrt(2.0), 3), (std::vector<std::size_t>{1, 0, 23, 0}));
  ASSERT_EQ(cell_600().size(), 120u);
  EXPECT_EQ(betti_numbers(pairwise_distances(cell_600()), 1 / std::numbers::phi + 1e-9, 3),
            (std::vector<std::size_t>{1, 0, 0, 1}));
}

/// Surfaces and a space of dimension three whose Betti numbers over Z/2 tell what they are.
TEST(KnownSpaces, SubdividedTriangulationsHaveTheirBettiNumbers) {
  const struct {
    std::string name;
    DistanceMatrix distances;
    std::size_t points;
    std::vector<std::size_t> betti;
  } spaces[] = {
      {"sphere of 4 vertices", subdivision({{0, 1, 2}, {0, 1, 3}, {0, 2, 3}, {1, 2, 3}}), 14, {1, 0, 1, 0}},
      {"torus of 7 vertices", subdivision(torus_7()), 42, {1, 2, 1, 0}},
      {"projective plane of 6 vertices", subdivision(projective_plane_6()), 31, {1, 1, 1, 0}},
      {"Klein bottle of 16 vertices", subdivision(grid_triangles(4, true)), 96, {1, 2, 1, 0}},
      {"torus of 16 vertices", subdivision(grid_triangles(4, false)), 96, {1, 2, 1, 0}},
      {"projective plane of signs", projective_space(3), 13, {1, 1, 1, 0}},
      {"projective space of dimension 3", projective_space(4), 40, {1, 1, 1, 1}},
  };
  for (const auto& [name, distances, points, betti] : spaces) {
    SCOPED_TRACE(name);
    ASSERT_EQ(distances.size(), points);
    const PersistenceDiagram diagram = diagram_of(distances, {.max_dimension = 3, .max_edge_length = 1});
    EXPECT_EQ(betti_numbers(diagram), betti);
    expect_slides(distances, diagram, points, 1);
  }
}

TEST(KnownSpaces, FlatGridsHaveTwoLoopsOfAThirdOfTheirSide) {
  // At 1 there is the graph of the grid. At the diagonal its squares fill, and what is left is the torus or the Klein
  // bottle. A longer edge has a point between its ends, so that no loop is born later. A loop round the space dies with
  // the first triangle that goes round it: three steps of whole sides that add up to the side (Virk 2020 for the
  // surfaces themselves: a third of the shortest loop).
  for (const bool klein_bottle : {false, true}) {
    for (const std::size_t side : {4u, 6u, 8u, 10u}) {
      SCOPED_TRACE(::testing::Message() << (klein_bottle ? "Klein bottle, " : "torus, ") << side);
      const DistanceMatrix grid = flat_grid(side, klein_bottle);
      const std::size_t steps = (side + 2) / 3;
      const PersistenceDiagram diagram = diagram_of(grid, {});
      EXPECT_EQ(diagram.pairs[0], components(side * side, 1));
      EXPECT_EQ(diagram.pairs[1],
                together(repeated(side * side - 1, {1, std::sqrt(2.0)}), repeated(2, {1, static_cast<double>(steps)})));
      EXPECT_EQ(betti_numbers(grid, std::sqrt(2.0), side < 8 ? 3 : 2),
                (side < 8 ? std::vector<std::size_t>{1, 2, 1, 0} : std::vector<std::size_t>{1, 2, 1}));
      if (side <= 8) expect_slides(grid, diagram, 2 * side);
    }
  }
}

/// The one class that is alive from the start: born within `most` of 0 and dead within it of `death`. Others die within
/// twice as much, if they are born before `others_from`.
void expect_one_long_bar(const Pairs& pairs, double death, double most, double others_from) {
  std::size_t found = 0;
  for (const PersistencePair& pair : pairs) {
    if (pair.birth >= others_from || pair.lifetime() <= 2 * most) continue;
    ++found;
    EXPECT_LE(pair.birth, most);
    EXPECT_NEAR(pair.death, death, most);
  }
  EXPECT_EQ(found, 1u);
}

TEST(KnownSpaces, SampledSphereLivesUntilItsFillingRadiusSays) {
  // Lim, Memoli and Okutan, "Vietoris-Rips persistent homology, injective metric spaces, and the filling radius"
  // (2024): the void of the unit sphere lives from 0 to arccos(-1/3), and before that there is nothing else. A sample
  // that leaves no point farther than e moves the diagram by at most 2 e.
  const std::vector<Direction> points = spiral(150, -1.0);
  const double most = 2 * covering_radius(points);
  const double death = std::acos(-1.0 / 3.0);
  ASSERT_LT(most, death / 4);
  const PersistenceDiagram diagram = diagram_of(
      distances_between(
          points.size(),
          [&](std::size_t i, std::size_t j) { return std::acos(std::clamp(dot(points[i], points[j]), -1.0, 1.0)); }),
      {});
  expect_one_long_bar(diagram.pairs[2], death, most, death - most);
  for (const PersistencePair& pair : diagram.pairs[1]) EXPECT_LE(pair.lifetime(), 2 * most);
}

TEST(KnownSpaces, SampledProjectivePlaneHasALoopAndAVoidOfAThirdOfItsLines) {
  // Lines of length pi: the loop dies at pi / 3 (Virk 2020), and so does the void, by Katz's filling radius pi / 6. Up
  // to pi / 4 there is nothing else (Hausmann 1995). Over Z/2 the void is there; over Q it would not be.
  const std::vector<Direction> lines = spiral(245, 0.0);
  std::vector<Direction> both = lines;
  for (const auto& [x, y, z] : lines) both.push_back({-x, -y, -z});
  const double third = std::numbers::pi / 3;
  const double most = 2 * covering_radius(both);
  ASSERT_LT(most, third / 4);
  const PersistenceDiagram diagram = diagram_of(
      distances_between(
          lines.size(),
          [&](std::size_t i, std::size_t j) { return std::acos(std::min(std::abs(dot(lines[i], lines[j])), 1.0)); }),
      {.max_edge_length = third + most});
  expect_one_long_bar(diagram.pairs[1], third, most, third - most);
  expect_one_long_bar(diagram.pairs[2], third, most, std::numbers::pi / 4 - most);
}

}  // namespace
}  // namespace topoforge::property
