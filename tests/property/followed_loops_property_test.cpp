#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <numbers>
#include <span>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "property/random_inputs.hpp"
#include "topoforge/core/diagram/diagram_matching.hpp"
#include "topoforge/core/diagram/sliding_vietoris_rips.hpp"
#include "topoforge/core/diagram/vietoris_rips.hpp"

/// Loops of a stream through time: the matching of two successive diagrams leads from a loop to the one about the same
/// points.
namespace topoforge::property {
namespace {

constexpr std::size_t kWindow = 60;
constexpr std::size_t kSlides = 100;

/// Points about circles of these radii in turn, which are far apart. The stream goes round once a window, so that a
/// point comes near the place of the one that leaves: up to a twentieth of the circle and a fifth of the radius away.
PointCloud stream_of_rings(Random& random, std::size_t points, std::span<const double> radii) {
  PointCloud stream{2, {}};
  for (std::size_t i = 0; i < points; ++i) {
    const std::size_t ring = i % radii.size();
    const double turns = static_cast<double>(i) / kWindow + random.real() / 20;
    const double radius = radii[ring] * (0.9 + random.real() / 5);
    stream.coordinates.push_back(10.0 * static_cast<double>(ring) + radius * std::cos(2 * std::numbers::pi * turns));
    stream.coordinates.push_back(radius * std::sin(2 * std::numbers::pi * turns));
  }
  return stream;
}

PointCloud window_of(const PointCloud& stream, std::size_t first) {
  const auto begin = stream.coordinates.begin() + static_cast<std::ptrdiff_t>(first * stream.dimension);
  return {stream.dimension, {begin, begin + static_cast<std::ptrdiff_t>(kWindow * stream.dimension)}};
}

/// Of the points along the cycle, ascending.
std::vector<std::size_t> places_in_stream(const LoopRepresentative& loop, std::size_t first) {
  std::vector<std::size_t> places;
  for (const std::uint32_t point : loop.cycle) places.push_back(first + point);
  std::ranges::sort(places);
  return places;
}

/// The loops of the window at `first` lead to those of the window after it, the most persistent to the most persistent.
void expect_followed(const RepresentedDiagram& before, const RepresentedDiagram& after, std::size_t first) {
  const DiagramMatching matching = DiagramMatcher().match(before.diagram.pairs[1], after.diagram.pairs[1]).value();
  for (std::size_t rank = 0; rank < before.loops.size(); ++rank) {
    SCOPED_TRACE(::testing::Message() << "loop " << rank);
    EXPECT_EQ(matching.pairs.at(before.loops[rank].pair).second, after.loops[rank].pair);
    const std::vector<std::size_t> old_places = places_in_stream(before.loops[rank], first);
    const std::vector<std::size_t> new_places = places_in_stream(after.loops[rank], first + 1);
    std::vector<std::size_t> shared;
    std::ranges::set_intersection(old_places, new_places, std::back_inserter(shared));
    // Of shortest cycles of one class; those of two rings have no point in common.
    EXPECT_GE(3 * shared.size(), std::min(old_places.size(), new_places.size()));
  }
}

void expect_a_loop_of_each_ring_is_followed(std::span<const double> radii) {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    Random random(seed);
    const PointCloud stream = stream_of_rings(random, kWindow + kSlides, radii);
    const VietorisRipsOptions options{.max_dimension = 1};
    SlidingVietorisRips sliding = SlidingVietorisRips::make({.window = kWindow, .rips = options}).value();
    VietorisRips rips;
    RepresentedDiagram before;
    for (std::size_t i = 0; i < stream.size(); ++i) {
      ASSERT_TRUE(sliding.push(stream.point(i)));
      if (sliding.size() < kWindow) continue;
      const std::size_t first = i + 1 - kWindow;
      SCOPED_TRACE(::testing::Message() << "seed " << seed << ", window at " << first);
      const DistanceMatrix distances = pairwise_distances(window_of(stream, first));
      RepresentedDiagram after = rips.represent(distances, options, radii.size()).value();
      ASSERT_EQ(**sliding.diagram(), after.diagram);
      ASSERT_EQ(after.loops.size(), radii.size());
      if (first > 0) expect_followed(before, after, first - 1);
      if (::testing::Test::HasFailure()) return;
      before = std::move(after);
    }
  }
}

TEST(FollowedLoopsProperty, TheLoopOfARingIsFollowedThroughAHundredWindows) {
  expect_a_loop_of_each_ring_is_followed(std::array{1.0});
}

TEST(FollowedLoopsProperty, TheLoopsOfTwoRingsAreToldApart) {
  expect_a_loop_of_each_ring_is_followed(std::array{1.0, 0.5});
}

}  // namespace
}  // namespace topoforge::property
