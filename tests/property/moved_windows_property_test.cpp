#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include "property/random_inputs.hpp"
#include "topoforge/core/diagram/diagram_distance.hpp"
#include "topoforge/core/diagram/sliding_vietoris_rips.hpp"
#include "topoforge/core/diagram/vietoris_rips.hpp"

/// What must not matter to a window, or no more than it may: the order of its points, their scale, a small move, a
/// second point at one place. The windows slide: each is asked for after every point.
namespace topoforge::property {
namespace {

using Pairs = std::vector<PersistencePair>;

PointCloud any_points(Random& random, std::size_t points) {
  const std::size_t dimension = 1 + random.below(4);
  return random.below(3) == 0 ? grid_points(random, points, dimension, 2 + random.below(4))
                              : uniform_points(random, points, dimension);
}
SlidingVietorisRipsOptions any_window(Random& random) {
  return {.window = 2 + random.below(24), .rips = {.max_dimension = 1 + random.below(2)}};
}

TEST(MovedWindowsProperty, OrderOfTheArrivalsDoesNotMatter) {
  for (std::uint64_t seed = 0; seed < 800; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    Random random(seed);
    const SlidingVietorisRipsOptions options = any_window(random);
    const PointCloud before = any_points(random, 3 * options.window);
    SlidingVietorisRips straight = SlidingVietorisRips::make(options).value();
    SlidingVietorisRips shuffled = SlidingVietorisRips::make(options).value();
    // The same points fill both windows round after round, in another order each time.
    std::vector<std::size_t> order(options.window);
    for (std::size_t first = 0; first < before.size(); first += options.window) {
      std::iota(order.begin(), order.end(), first);
      random.shuffle(order);
      for (std::size_t i = 0; i < options.window; ++i) {
        ASSERT_TRUE(straight.push(before.point(first + i)));
        ASSERT_TRUE(shuffled.push(before.point(order[i])));
        ASSERT_TRUE(straight.diagram());
        ASSERT_TRUE(shuffled.diagram());
      }
      ASSERT_EQ(**straight.diagram(), **shuffled.diagram());
    }
  }
}

TEST(MovedWindowsProperty, ScalingByAPowerOfTwoIsExact) {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    Random random(seed);
    const SlidingVietorisRipsOptions options = any_window(random);
    const PointCloud stream = any_points(random, 4 * options.window);
    const double scale = std::ldexp(1.0, static_cast<int>(random.below(200)) - 100);
    SlidingVietorisRips plain = SlidingVietorisRips::make(options).value();
    SlidingVietorisRips scaled = SlidingVietorisRips::make(options).value();
    for (std::size_t i = 0; i < stream.size(); ++i) {
      std::vector<double> point(stream.point(i).begin(), stream.point(i).end());
      ASSERT_TRUE(plain.push(point));
      for (double& x : point) x *= scale;
      ASSERT_TRUE(scaled.push(point));
      PersistenceDiagram expected = **plain.diagram();
      for (Pairs& pairs : expected.pairs) {
        for (PersistencePair& pair : pairs) pair = {pair.birth * scale, pair.death * scale};
      }
      ASSERT_EQ(**scaled.diagram(), expected) << "point " << i;
    }
  }
}

TEST(MovedWindowsProperty, DiagramMovesNoFartherThanTwiceThePoints) {
  std::size_t classes = 0;
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    Random random(seed);
    const SlidingVietorisRipsOptions options = any_window(random);
    const PointCloud stream = any_points(random, 4 * options.window);
    const double most = std::ldexp(1.0, -static_cast<int>(random.below(12)));
    SlidingVietorisRips still = SlidingVietorisRips::make(options).value();
    SlidingVietorisRips moved = SlidingVietorisRips::make(options).value();
    double farthest = 0.0;
    for (std::size_t i = 0; i < stream.size(); ++i) {
      std::vector<double> point(stream.point(i).begin(), stream.point(i).end());
      ASSERT_TRUE(still.push(point));
      double square = 0.0;
      for (double& x : point) {
        const double step = most * (2 * random.real() - 1);
        x += step;
        square += step * step;
      }
      farthest = std::max(farthest, std::sqrt(square));
      ASSERT_TRUE(moved.push(point));
      const PersistenceDiagram& before = **still.diagram();
      const PersistenceDiagram& after = **moved.diagram();
      for (std::size_t degree = 0; degree < before.pairs.size(); ++degree) {
        ASSERT_LE(bottleneck_distance(before.pairs[degree], after.pairs[degree]).value(),
                  2 * farthest * (1 + 1e-12) + 1e-14)
            << "degree " << degree << ", point " << i;
      }
      classes += before.pairs[options.rips.max_dimension].size();
    }
  }
  EXPECT_GT(classes, 1000u);
}

TEST(MovedWindowsProperty, SecondPointAtAPlaceAddsNoPairOfPositivePersistence) {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    Random random(seed);
    const SlidingVietorisRipsOptions options = any_window(random);
    SlidingVietorisRipsOptions of_pairs = options;
    of_pairs.window *= 2;
    const PointCloud stream = any_points(random, 4 * options.window);
    SlidingVietorisRips single = SlidingVietorisRips::make(options).value();
    SlidingVietorisRips twice = SlidingVietorisRips::make(of_pairs).value();
    for (std::size_t i = 0; i < stream.size(); ++i) {
      ASSERT_TRUE(single.push(stream.point(i)));
      ASSERT_TRUE(twice.push(stream.point(i)));
      if (random.below(2) == 0) {
        ASSERT_TRUE(twice.diagram());
      }
      ASSERT_TRUE(twice.push(stream.point(i)));
      ASSERT_EQ(**twice.diagram(), **single.diagram()) << "point " << i;
    }
  }
}

TEST(MovedWindowsProperty, DegreeThreeKeepsToTheOrderTheScaleAndTheMoveOfThePoints) {
  std::size_t classes = 0;
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    Random random(seed);
    const std::size_t points = 6 + random.below(14);
    const DistanceMatrix distances = any_distances(random, points);
    const VietorisRipsOptions options{.max_dimension = 3};
    VietorisRips engine;
    const PersistenceDiagram expected = engine.compute(distances, options).value();
    classes += expected.pairs[3].size();

    std::vector<std::size_t> order(points);
    std::iota(order.begin(), order.end(), std::size_t{0});
    random.shuffle(order);
    EXPECT_EQ(engine.compute(reordered(distances, order), options).value(), expected);

    const double scale = std::ldexp(1.0, static_cast<int>(random.below(200)) - 100);
    std::vector<double> lower = distances.lower();
    for (double& length : lower) length *= scale;
    PersistenceDiagram scaled = expected;
    for (Pairs& pairs : scaled.pairs) {
      for (PersistencePair& pair : pairs) pair = {pair.birth * scale, pair.death * scale};
    }
    EXPECT_EQ(engine.compute(DistanceMatrix::trusted(points, lower), options).value(), scaled);

    const double most = std::ldexp(1.0, -static_cast<int>(random.below(12)));
    double farthest = 0.0;
    lower = distances.lower();
    for (std::size_t k = 0; k < lower.size(); ++k) {
      lower[k] = std::max(0.0, lower[k] + most * (2 * random.real() - 1));
      farthest = std::max(farthest, std::abs(lower[k] - distances.lower()[k]));
    }
    const PersistenceDiagram moved = engine.compute(DistanceMatrix::trusted(points, lower), options).value();
    EXPECT_LE(bottleneck_distance(moved.pairs[3], expected.pairs[3]).value(), farthest * (1 + 1e-12) + 1e-15);
  }
  EXPECT_GT(classes, 50u);
}

}  // namespace
}  // namespace topoforge::property
