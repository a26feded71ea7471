#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "property/random_inputs.hpp"
#include "topoforge/core/diagram/diagram_distance.hpp"
#include "topoforge/core/diagram/diagram_matching.hpp"
#include "topoforge/core/diagram/vietoris_rips.hpp"
#include "topoforge/core/features/betti_curve.hpp"
#include "topoforge/core/features/landscape.hpp"
#include "topoforge/core/features/persistence_image.hpp"
#include "topoforge/core/features/persistence_statistics.hpp"
#include "topoforge/core/features/silhouette.hpp"

namespace topoforge::property {
namespace {

using Pairs = std::vector<PersistencePair>;

/// Of small integers, of one birth as in degree 0, or anywhere; some classes are essential.
Pairs any_pairs(Random& random, std::size_t most, std::size_t essential) {
  const std::size_t kind = random.below(3);
  const auto draw = [&] { return kind == 0 ? static_cast<double>(random.below(5)) : random.real(); };
  Pairs pairs(random.below(most + 1));
  for (PersistencePair& pair : pairs) {
    pair.birth = kind == 1 ? 0.0 : draw();
    pair.death = pair.birth + draw();
  }
  for (std::size_t k = 0; k < essential; ++k) pairs.push_back({draw(), std::numeric_limits<double>::infinity()});
  random.shuffle(pairs);
  return pairs;
}

Pairs scaled(Pairs pairs, double scale) {
  for (PersistencePair& pair : pairs) pair = {pair.birth * scale, pair.death * scale};
  return pairs;
}

std::vector<double> scaled(std::vector<double> values, double scale) {
  for (double& value : values) value *= scale;
  return values;
}

TEST(DiagramProperty, OrderOfThePairsDoesNotMatter) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    Random random(seed);
    const std::size_t essential = random.below(3);
    const Pairs first = any_pairs(random, 40, essential);
    const Pairs second = any_pairs(random, 40, essential);
    Pairs shuffled = first;
    random.shuffle(shuffled);
    EXPECT_EQ(bottleneck_distance(shuffled, second).value(), bottleneck_distance(first, second).value());
    for (const double p : {1.0, 2.0, 3.0}) {
      EXPECT_EQ(wasserstein_distance(shuffled, second, p).value(), wasserstein_distance(first, second, p).value());
    }
    EXPECT_EQ(betti_curve(shuffled).value(), betti_curve(first).value());
    EXPECT_EQ(persistence_landscape(shuffled, {.layers = 3})->layers,
              persistence_landscape(first, {.layers = 3})->layers);
    // Sums in another order are rounded in another way.
    EXPECT_NEAR(persistence_statistics(shuffled).entropy, persistence_statistics(first).entropy, 1e-12);
    const Silhouette curve = silhouette(first).value();
    const Silhouette other_curve = silhouette(shuffled).value();
    for (std::size_t i = 0; i < curve.values.size(); ++i) {
      EXPECT_NEAR(other_curve.values[i], curve.values[i], 1e-12);
    }
    const Matrix image = persistence_image(first)->pixels;
    const Matrix other_image = persistence_image(shuffled)->pixels;
    for (std::size_t i = 0; i < image.values.size(); ++i) {
      EXPECT_NEAR(other_image.values[i], image.values[i], 1e-12);
    }
  }
}

TEST(DiagramProperty, ScalingByAPowerOfTwoIsExact) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    Random random(seed);
    const std::size_t essential = random.below(3);
    const double scale = std::ldexp(1.0, static_cast<int>(random.below(200)) - 100);
    const Pairs first = any_pairs(random, 40, essential);
    const Pairs second = any_pairs(random, 40, essential);
    const Pairs first_scaled = scaled(first, scale);
    const Pairs second_scaled = scaled(second, scale);
    EXPECT_EQ(bottleneck_distance(first_scaled, second_scaled).value(),
              bottleneck_distance(first, second).value() * scale);
    for (const double p : {1.0, 2.0, 3.0}) {
      DiagramMatching expected = DiagramMatcher().match(first, second, p).value();
      for (MatchedPair& pair : expected.pairs) pair.length *= scale;
      expected.distance *= scale;
      EXPECT_EQ(DiagramMatcher().match(first_scaled, second_scaled, p).value(), expected);
    }
    EXPECT_EQ(betti_curve(first_scaled)->betti, betti_curve(first)->betti);
    EXPECT_EQ(persistence_landscape(first_scaled)->layers.values,
              scaled(persistence_landscape(first)->layers.values, scale));
    EXPECT_EQ(silhouette(first_scaled)->values, scaled(silhouette(first)->values, scale));
    EXPECT_EQ(persistence_image(first_scaled)->pixels, persistence_image(first)->pixels);
    EXPECT_EQ(persistence_statistics(first_scaled).entropy, persistence_statistics(first).entropy);
  }
}

TEST(DiagramProperty, DiagramMovesNoFartherThanTwiceThePoints) {
  // An edge of a Vietoris-Rips complex enters at its length, which two points that move by r change by 2 r at most.
  std::size_t loops = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    Random random(seed);
    const std::size_t dimension = 1 + random.below(4);
    const std::size_t points = 5 + random.below(25);
    const PointCloud cloud =
        random.below(3) == 0 ? grid_points(random, points, dimension, 4) : uniform_points(random, points, dimension);
    PointCloud moved = cloud;
    const double most = std::ldexp(1.0, -static_cast<int>(random.below(12)));
    double farthest = 0.0;
    for (std::size_t point = 0; point < points; ++point) {
      double square = 0.0;
      for (std::size_t axis = 0; axis < dimension; ++axis) {
        const double step = most * (2 * random.real() - 1);
        moved.coordinates[point * dimension + axis] += step;
        square += step * step;
      }
      farthest = std::max(farthest, std::sqrt(square));
    }
    const PersistenceDiagram before = VietorisRips().compute(cloud).value();
    const PersistenceDiagram after = VietorisRips().compute(moved).value();
    for (std::size_t degree = 0; degree < before.pairs.size(); ++degree) {
      const double distance = bottleneck_distance(before.pairs[degree], after.pairs[degree]).value();
      EXPECT_LE(distance, 2 * farthest * (1 + 1e-12) + 1e-14) << "degree " << degree;
      // The layers of landscapes move no farther than the diagrams (Bubenik 2015, theorem 13).
      const LandscapeOptions options{.layers = 5, .resolution = 40, .low = 0.0, .high = 2.0};
      const Landscape landscape = persistence_landscape(before.pairs[degree], options).value();
      const Landscape other = persistence_landscape(after.pairs[degree], options).value();
      for (std::size_t i = 0; i < landscape.layers.values.size(); ++i) {
        EXPECT_LE(std::abs(landscape.layers.values[i] - other.layers.values[i]), distance + 1e-14);
      }
    }
    loops += before.pairs[1].size();
  }
  EXPECT_GT(loops, 200U) << "hardly an input had a loop to move";
}

TEST(DiagramProperty, WassersteinDistancesFallWithTheOrderToTheBottleneckDistance) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    Random random(seed);
    const Pairs first = any_pairs(random, 60, 1);
    const Pairs second = any_pairs(random, 60, 1);
    double before = std::numeric_limits<double>::infinity();
    for (const double p : {1.0, 1.5, 2.0, 4.0, 20.0}) {
      const double distance = wasserstein_distance(first, second, p).value();
      EXPECT_LE(distance, before * (1 + 1e-12)) << "p " << p;
      before = distance;
    }
    EXPECT_LE(bottleneck_distance(first, second).value(), before * (1 + 1e-12));
  }
}

}  // namespace
}  // namespace topoforge::property
