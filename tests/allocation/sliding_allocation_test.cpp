#include <cstdlib>
#include <new>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "topoforge/core/diagram/sliding_vietoris_rips.hpp"

/// Counts what this program allocates, on its one thread.
namespace {

std::size_t allocations = 0;

void* counted(void* memory) {
  ++allocations;
  if (memory == nullptr) std::abort();
  return memory;
}
std::size_t rounded_up(std::size_t size, std::align_val_t alignment) {
  const auto unit = static_cast<std::size_t>(alignment);
  return (size + unit - 1) / unit * unit;
}

}  // namespace

// NOLINTBEGIN(cppcoreguidelines-no-malloc): they are what new and delete are made of.
void* operator new(std::size_t size) { return counted(std::malloc(size)); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return counted(std::aligned_alloc(static_cast<std::size_t>(alignment), rounded_up(size, alignment)));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
// NOLINTEND(cppcoreguidelines-no-malloc)

namespace topoforge {
namespace {

/// Pushes points over and over, a diagram for each; the allocations of the last of some turns.
std::size_t allocations_of_last_turn(const PointCloud& cloud, std::size_t window, std::size_t max_dimension,
                                     int turns) {
  SlidingVietorisRips rips =
      SlidingVietorisRips::make({window, Metric::euclidean, {.max_dimension = max_dimension}}).value();
  std::size_t before = 0;
  std::size_t classes = 0;
  for (int turn = 0; turn < turns; ++turn) {
    before = allocations;
    for (std::size_t i = 0; i < cloud.size(); ++i) {
      EXPECT_TRUE(rips.push(cloud.point(i)));
      classes += (*rips.diagram())->pairs.back().size();
    }
  }
  EXPECT_GT(classes, 0u);
  return allocations - before;
}

PointCloud uniform(std::size_t points, std::size_t dimension) {
  std::mt19937_64 random(7);
  PointCloud cloud{dimension, std::vector<double>(points * dimension)};
  for (double& coordinate : cloud.coordinates) coordinate = static_cast<double>(random() >> 11) * 0x1p-53;
  return cloud;
}

TEST(Allocation, AreCounted) {
  const std::size_t before = allocations;
  const std::vector<double> vector(100);
  EXPECT_EQ(allocations, before + 1) << vector.size();
}

TEST(Allocation, NoneForAnEventInTheSteadyStateOfAStream) {
  for (const std::size_t max_dimension : {1u, 2u}) {
    // Poor enough in topology to slide.
    EXPECT_EQ(allocations_of_last_turn(uniform(960, 3), 96, max_dimension, 4), 0u);
    // So rich that windows are computed from scratch, but for a try now and then, which meets every window in time.
    EXPECT_EQ(allocations_of_last_turn(uniform(320, 8), 32, max_dimension, 200), 0u);
  }
}

}  // namespace
}  // namespace topoforge
