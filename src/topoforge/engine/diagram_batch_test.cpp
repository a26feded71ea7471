#include "topoforge/engine/diagram_batch.hpp"

#include <algorithm>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace topoforge {
namespace {

/// Points of different number, so that windows take different time.
std::vector<PointCloud> random_windows(std::size_t count) {
  std::mt19937_64 random(17);
  std::uniform_int_distribution<int> grid(0, 9);
  std::vector<PointCloud> windows;
  for (std::size_t k = 0; k < count; ++k) {
    PointCloud cloud{.dimension = 2, .coordinates = std::vector<double>(2 * (1 + k * 7 % 40))};
    for (double& coordinate : cloud.coordinates) coordinate = grid(random);
    windows.push_back(std::move(cloud));
  }
  return windows;
}

NextWindow each_of(const std::vector<PointCloud>& windows) {
  return [&windows, next = std::size_t{0}]() mutable -> Result<std::optional<PointCloud>> {
    if (next == windows.size()) return std::optional<PointCloud>{};
    return std::optional<PointCloud>{windows[next++]};
  };
}

/// Keeps the diagrams, and sees that they come in order.
struct Taken {
  std::vector<RepresentedDiagram> diagrams;
  TakeDiagram take() {
    return [this](std::size_t window, const RepresentedDiagram& diagram) -> Result<void> {
      EXPECT_EQ(window, diagrams.size());
      diagrams.push_back(diagram);
      return {};
    };
  }
};

/// The batch ends alike at any number of threads.
class DiagramBatch : public ::testing::TestWithParam<std::size_t> {
 protected:
  static DiagramBatchOptions options() { return {.threads = GetParam(), .metric = Metric::euclidean, .rips = {}}; }
};

INSTANTIATE_TEST_SUITE_P(Threads, DiagramBatch, ::testing::Values(0, 1, 2, 3, 8));

TEST_P(DiagramBatch, GivesTheDiagramOfEachWindowInOrder) {
  const auto windows = random_windows(60);
  auto with = options();
  with.metric = Metric::manhattan;
  Taken taken;
  const auto count = compute_diagrams(each_of(windows), taken.take(), with);
  ASSERT_TRUE(count) << count.error().message;
  EXPECT_EQ(*count, windows.size());
  ASSERT_EQ(taken.diagrams.size(), windows.size());
  for (std::size_t k = 0; k < windows.size(); ++k) {
    const auto expected = VietorisRips().compute(pairwise_distances(windows[k], with.metric), with.rips);
    EXPECT_EQ(taken.diagrams[k].diagram, expected.value()) << "window " << k;
    EXPECT_TRUE(taken.diagrams[k].simplices.empty());
  }
}

TEST_P(DiagramBatch, RepresentsTheDiagramsIfAsked) {
  const auto windows = random_windows(30);
  auto with = options();
  with.most_loops = 2;
  Taken taken;
  ASSERT_TRUE(compute_diagrams(each_of(windows), taken.take(), with));
  for (std::size_t k = 0; k < windows.size(); ++k) {
    const auto expected = VietorisRips().represent(pairwise_distances(windows[k]), with.rips, 2).value();
    EXPECT_EQ(taken.diagrams[k].diagram, expected.diagram) << "window " << k;
    EXPECT_EQ(taken.diagrams[k].simplices, expected.simplices) << "window " << k;
    EXPECT_EQ(taken.diagrams[k].loops.size(), expected.loops.size()) << "window " << k;
  }
}

TEST_P(DiagramBatch, NoWindowsAreNone) {
  Taken taken;
  EXPECT_EQ(compute_diagrams(each_of({}), taken.take(), options()).value(), 0u);
  EXPECT_TRUE(taken.diagrams.empty());
}

TEST_P(DiagramBatch, AWindowThatFailsIsNamedAndThoseBeforeItAreTaken) {
  auto windows = random_windows(30);
  windows[20] = {.dimension = 1, .coordinates = std::vector<double>(kMaxDiagramPoints + 1)};
  windows[21] = windows[20];
  Taken taken;
  const auto count = compute_diagrams(each_of(windows), taken.take(), options());
  ASSERT_FALSE(count);
  EXPECT_EQ(count.error().code, ErrorCode::limit_exceeded);
  EXPECT_TRUE(count.error().message.starts_with("window 20: ")) << count.error().message;
  EXPECT_EQ(taken.diagrams.size(), 20u);
}

TEST_P(DiagramBatch, WhatCannotBeReadEndsItAfterTheWindowsBefore) {
  const auto windows = random_windows(5);
  Taken taken;
  const auto count = compute_diagrams(
      [next = each_of(windows)]() -> Result<std::optional<PointCloud>> {
        auto window = next();
        if (*window) return window;
        return fail(ErrorCode::invalid_data, "line 6 is broken");
      },
      taken.take(), options());
  ASSERT_FALSE(count);
  EXPECT_EQ(count.error(), (Error{ErrorCode::invalid_data, "line 6 is broken"}));
  EXPECT_EQ(taken.diagrams.size(), 5u);
}

TEST_P(DiagramBatch, ATakerThatFailsEndsIt) {
  const auto windows = random_windows(50);
  std::size_t calls = 0;
  const auto count = compute_diagrams(
      each_of(windows),
      [&](std::size_t window, const RepresentedDiagram&) -> Result<void> {
        ++calls;
        if (window == 3) return fail(ErrorCode::io, "disk full");
        return {};
      },
      options());
  ASSERT_FALSE(count);
  EXPECT_EQ(count.error(), (Error{ErrorCode::io, "disk full"}));
  EXPECT_EQ(calls, 4u);
}

TEST_P(DiagramBatch, WhatItsCallerThrowsPassesThrough) {
  const auto windows = random_windows(50);
  EXPECT_THROW(
      static_cast<void>(compute_diagrams(
          each_of(windows),
          [](std::size_t, const RepresentedDiagram&) -> Result<void> { throw std::runtime_error("no"); }, options())),
      std::runtime_error);
}

TEST_P(DiagramBatch, FewWindowsAreInMemoryAtOnce) {
  if (GetParam() == 0) GTEST_SKIP() << "as many as the machine has processors";
  const auto windows = random_windows(100);
  std::size_t read = 0;
  std::size_t taken = 0;
  std::size_t most = 0;
  const auto count = compute_diagrams(
      [&, next = each_of(windows)] {
        ++read;
        return next();
      },
      [&](std::size_t, const RepresentedDiagram&) -> Result<void> {
        most = std::max(most, read - taken);
        ++taken;
        return {};
      },
      options());
  EXPECT_EQ(count.value(), 100u);
  EXPECT_LE(most, GetParam() * kWindowsPerThread + 1);
}

TEST(DiagramBatchOptions, OutsideTheirRangeAreRefusedBeforeAnythingIsRead) {
  const NextWindow next = []() -> Result<std::optional<PointCloud>> {
    ADD_FAILURE() << "read";
    return std::optional<PointCloud>{};
  };
  Taken taken;
  const auto error = [&](const DiagramBatchOptions& options) {
    return compute_diagrams(next, taken.take(), options).error();
  };
  EXPECT_EQ(error({.threads = 257, .metric = Metric::euclidean, .rips = {}}),
            (Error{ErrorCode::invalid_argument, "threads 257 is outside 0 to 256 (0: one a processor)"}));
  const DiagramBatchOptions steep{.threads = 1, .metric = Metric::euclidean, .rips = {.max_dimension = 4}};
  EXPECT_EQ(error(steep).code, ErrorCode::invalid_argument);
  const DiagramBatchOptions unrepresented{
      .threads = 1, .metric = Metric::euclidean, .rips = {.max_dimension = 3}, .most_loops = 1};
  EXPECT_EQ(error(unrepresented).code, ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace topoforge
