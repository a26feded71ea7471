#include <algorithm>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "property/random_inputs.hpp"
#include "topoforge/core/diagram/diagram_distance.hpp"
#include "topoforge/core/diagram/sliding_vietoris_rips.hpp"
#include "topoforge/core/diagram/vietoris_rips.hpp"

/// What a diagram that was cut short guarantees.
namespace topoforge::property {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::vector<PersistencePair> dead_before(const std::vector<PersistencePair>& pairs, double length) {
  std::vector<PersistencePair> dead;
  std::ranges::copy_if(pairs, std::back_inserter(dead), [&](const PersistencePair& p) { return p.death < length; });
  return dead;
}

void expect_guarantee(const PersistenceDiagram& exact, const PersistenceDiagram& cut) {
  const Approximation& approximation = *cut.approximation;
  EXPECT_EQ(cut.pairs[0], exact.pairs[0]);
  for (std::size_t degree = 1; degree < exact.dimensions(); ++degree) {
    EXPECT_EQ(dead_before(cut.pairs[degree], approximation.exact_below),
              dead_before(exact.pairs[degree], approximation.exact_below));
    const auto born_before = [&](const PersistencePair& p) { return p.birth < approximation.exact_below; };
    EXPECT_EQ(std::ranges::count_if(cut.pairs[degree], born_before),
              std::ranges::count_if(exact.pairs[degree], born_before));
    if (approximation.bottleneck_bound < kInfinity) {
      EXPECT_LE(bottleneck_distance(cut.pairs[degree], exact.pairs[degree]).value(),
                approximation.bottleneck_bound * (1 + 1e-12));
    }
  }
}

TEST(ApproximationProperty, HoldsWhatItGuarantees) {
  std::size_t cut_short = 0;
  std::size_t whole = 0;
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    const std::size_t n = 2 + random.below(40);
    const DistanceMatrix distances = any_distances(random, n);
    VietorisRipsOptions options{.max_dimension = 1 + random.below(2)};
    if (random.below(3) == 0) options.max_edge_length = 2 * random.real();
    VietorisRips rips;
    const PersistenceDiagram exact = rips.compute(distances, options).value();
    options.max_cells = 1 + random.below(n * n * n / 8 + 1);
    const PersistenceDiagram budgeted = rips.compute(distances, options).value();
    if (budgeted.approximation) {
      expect_guarantee(exact, budgeted);
      ++cut_short;
    } else {
      EXPECT_EQ(budgeted, exact);
      ++whole;
    }
    if (HasFailure()) return;
  }
  EXPECT_GT(cut_short, 500u);
  EXPECT_GT(whole, 500u);
}

TEST(ApproximationProperty, WindowsAreCutShortWhereSlidingCannotKeepWithinTheBudget) {
  for (const std::size_t max_cells : {20u, 300u, 2000u, 100'000u}) {
    Random random(max_cells);
    SlidingVietorisRipsOptions options;
    options.window = 24;
    options.rips.max_cells = max_cells;
    SlidingVietorisRips sliding = SlidingVietorisRips::make(options).value();
    const PointCloud stream = uniform_points(random, 200, 4);
    VietorisRips rips;
    for (std::size_t i = 0; i < stream.size(); ++i) {
      ASSERT_TRUE(sliding.push(stream.point(i)));
      const std::size_t first = i + 1 - sliding.size();
      const PointCloud window{4,
                              {stream.coordinates.begin() + static_cast<std::ptrdiff_t>(4 * first),
                               stream.coordinates.begin() + static_cast<std::ptrdiff_t>(4 * (i + 1))}};
      const PersistenceDiagram exact = rips.compute(window).value();
      const PersistenceDiagram& diagram = **sliding.diagram();
      if (diagram.approximation) {
        expect_guarantee(exact, diagram);
      } else {
        ASSERT_EQ(diagram, exact);
      }
      if (HasFailure()) return;
    }
  }
}

}  // namespace
}  // namespace topoforge::property
