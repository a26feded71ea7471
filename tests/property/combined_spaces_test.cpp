#include <algorithm>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "property/known_spaces.hpp"
#include "property/random_inputs.hpp"
#include "topoforge/core/diagram/vietoris_rips.hpp"

/// Spaces that are made of two: their diagrams follow from those of the parts.
namespace topoforge::property {
namespace {

using Pairs = std::vector<PersistencePair>;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr std::size_t kMaxDimension = 3;

PersistenceDiagram diagram_of(const DistanceMatrix& distances, std::size_t max_dimension = kMaxDimension) {
  return VietorisRips().compute(distances, {.max_dimension = max_dimension}).value();
}

void add_intersections(const Pairs& first, const Pairs& second, Pairs& result) {
  for (const PersistencePair& a : first) {
    for (const PersistencePair& b : second) {
      const PersistencePair both{std::max(a.birth, b.birth), std::min(a.death, b.death)};
      if (both.birth < both.death) result.push_back(both);
    }
  }
}

/// A polygon, or anything small.
DistanceMatrix any_part(Random& random, std::size_t most_points) {
  if (random.below(2) == 0) return regular_polygon(1 + random.below(most_points));
  return any_distances(random, 1 + random.below(most_points));
}

TEST(CombinedSpaces, ProductsHaveTheIntersectionsOfTheBars) {
  // With the greater of the two distances the complex is the product of the complexes (Adamaszek and Adams 2017,
  // proposition 10.2), and over a field bars multiply to their intersections (Gakhar and Perea 2019).
  std::vector<std::size_t> classes(kMaxDimension + 1);
  for (std::uint64_t seed = 0; seed < 600; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    Random random(seed);
    const DistanceMatrix first = any_part(random, 8);
    const DistanceMatrix second = any_part(random, 6);
    const std::size_t rows = first.size();
    const DistanceMatrix product = distances_between(rows * second.size(), [&](std::size_t i, std::size_t j) {
      return std::max(first(i % rows, j % rows), second(i / rows, j / rows));
    });
    const PersistenceDiagram a = diagram_of(first);
    const PersistenceDiagram b = diagram_of(second);
    PersistenceDiagram expected;
    for (std::size_t degree = 0; degree <= kMaxDimension; ++degree) {
      Pairs& pairs = expected.pairs.emplace_back();
      for (std::size_t part = 0; part <= degree; ++part)
        add_intersections(a.pairs[part], b.pairs[degree - part], pairs);
      std::ranges::sort(pairs);
      classes[degree] += pairs.size();
    }
    ASSERT_EQ(diagram_of(product), expected);
    expected.pairs.pop_back();
    ASSERT_EQ(diagram_of(product, 2), expected);
  }
  EXPECT_GT(classes[2], 100u);
}

TEST(CombinedSpaces, JoinsHaveTheIntersectionsOfTheBarsOneDegreeHigher) {
  // All distances between two parts are 0, which no metric has: the complex is the join of the complexes. Homology is
  // reduced: without the bar that each part has because it is not empty.
  std::vector<std::size_t> classes(kMaxDimension + 1);
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    Random random(seed);
    const DistanceMatrix first = any_part(random, 15);
    const DistanceMatrix second = any_part(random, 15);
    const std::size_t rows = first.size();
    const DistanceMatrix join = distances_between(rows + second.size(), [&](std::size_t i, std::size_t j) {
      if (i < rows) return first(i, j);
      return j < rows ? 0.0 : second(i - rows, j - rows);
    });
    PersistenceDiagram a = diagram_of(first);
    PersistenceDiagram b = diagram_of(second);
    a.pairs[0].pop_back();
    b.pairs[0].pop_back();
    PersistenceDiagram expected{{{{0, kInfinity}}}};
    for (std::size_t degree = 1; degree <= kMaxDimension; ++degree) {
      Pairs& pairs = expected.pairs.emplace_back();
      for (std::size_t part = 0; part < degree; ++part)
        add_intersections(a.pairs[part], b.pairs[degree - 1 - part], pairs);
      std::ranges::sort(pairs);
      classes[degree] += pairs.size();
    }
    ASSERT_EQ(diagram_of(join), expected);
    expected.pairs.pop_back();
    ASSERT_EQ(diagram_of(join, 2), expected);
  }
  for (std::size_t degree = 1; degree <= kMaxDimension; ++degree) EXPECT_GT(classes[degree], 100u) << degree;
}

}  // namespace
}  // namespace topoforge::property
