#include "topoforge/engine/diagram_batch.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numbers>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace topoforge {
namespace {

/// On a grid: ties, and points at one place.
PointCloud random_stream(std::size_t points, int side = 9) {
  std::mt19937_64 random(17);
  std::uniform_int_distribution<int> grid(0, side);
  PointCloud cloud{.dimension = 2, .coordinates = std::vector<double>(2 * points)};
  for (double& coordinate : cloud.coordinates) coordinate = grid(random);
  return cloud;
}

NextPoint each_of(const PointCloud& stream) {
  return [&stream, next = std::size_t{0}]() mutable -> Result<std::optional<std::vector<double>>> {
    if (next == stream.size()) return std::nullopt;
    const auto point = stream.point(next++);
    return std::vector<double>(point.begin(), point.end());
  };
}

std::vector<PointCloud> windows_of(const PointCloud& stream, const DiagramBatchOptions& options) {
  std::vector<PointCloud> windows;
  for (std::size_t first = 0; first + options.window <= stream.size(); first += options.stride) {
    const auto begin = stream.coordinates.begin() + static_cast<std::ptrdiff_t>(first * stream.dimension);
    const auto length = static_cast<std::ptrdiff_t>(options.window * stream.dimension);
    windows.push_back({.dimension = stream.dimension, .coordinates = {begin, begin + length}});
  }
  return windows;
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

/// The batch gives what each window has from scratch.
void expect_diagrams_of_windows(const PointCloud& stream, const DiagramBatchOptions& options) {
  SCOPED_TRACE(::testing::Message() << "window " << options.window << ", stride " << options.stride << ", degree "
                                    << options.rips.max_dimension << ", longest " << options.rips.max_edge_length);
  const auto windows = windows_of(stream, options);
  Taken taken;
  const auto count = compute_diagrams(each_of(stream), taken.take(), options);
  ASSERT_TRUE(count) << count.error().message;
  EXPECT_EQ(*count, windows.size());
  ASSERT_EQ(taken.diagrams.size(), windows.size());
  for (std::size_t k = 0; k < windows.size(); ++k) {
    const auto expected = VietorisRips().compute(pairwise_distances(windows[k], options.metric), options.rips).value();
    ASSERT_EQ(taken.diagrams[k].diagram, expected) << "window " << k;
    EXPECT_TRUE(taken.diagrams[k].simplices.empty());
  }
}

/// The batch ends alike at any number of threads.
class DiagramBatch : public ::testing::TestWithParam<std::size_t> {
 protected:
  static DiagramBatchOptions options(std::size_t window, std::size_t stride, VietorisRipsOptions rips = {}) {
    return {.window = window, .stride = stride, .threads = GetParam(), .metric = Metric::euclidean, .rips = rips};
  }
};

INSTANTIATE_TEST_SUITE_P(Threads, DiagramBatch, ::testing::Values(0, 1, 2, 3, 8));

TEST_P(DiagramBatch, GivesTheDiagramOfEachWindowInOrder) {
  const PointCloud few_places = random_stream(500, 3);
  const PointCloud stream = random_stream(500);
  for (const auto& [window, stride] : std::vector<std::pair<std::size_t, std::size_t>>{
           {1, 1}, {1, 3}, {2, 1}, {3, 1}, {24, 1}, {24, 6}, {24, 7}, {24, 24}, {7, 20}, {70, 2}}) {
    auto with = options(window, stride);
    expect_diagrams_of_windows(few_places, with);
    with.metric = Metric::manhattan;
    expect_diagrams_of_windows(stream, with);
  }
}

TEST_P(DiagramBatch, GivesThemUpToEachDegreeAndLength) {
  const PointCloud stream = random_stream(250);
  for (const std::size_t degree : {0u, 1u, 2u, 3u}) {
    expect_diagrams_of_windows(stream, options(12, 1, {.max_dimension = degree}));
    for (const double longest : {0.0, 3.0, 5.0})
      expect_diagrams_of_windows(stream, options(20, 2, {.max_dimension = degree, .max_edge_length = longest}));
  }
}

TEST_P(DiagramBatch, ABudgetIsThatOfAWindowFromScratch) {
  const PointCloud stream = random_stream(200);
  const auto with = options(30, 1, {.max_cells = 300});
  expect_diagrams_of_windows(stream, with);
  const auto cut = VietorisRips().compute(pairwise_distances(windows_of(stream, with)[0]), with.rips).value();
  EXPECT_TRUE(cut.approximation.has_value()) << "the budget is spent";
}

TEST_P(DiagramBatch, RepresentsTheDiagramsIfAsked) {
  const PointCloud stream = random_stream(60);
  auto with = options(25, 1);
  with.most_loops = 2;
  const auto windows = windows_of(stream, with);
  Taken taken;
  ASSERT_EQ(compute_diagrams(each_of(stream), taken.take(), with).value(), windows.size());
  for (std::size_t k = 0; k < windows.size(); ++k) {
    const auto expected = VietorisRips().represent(pairwise_distances(windows[k]), with.rips, 2).value();
    EXPECT_EQ(taken.diagrams[k].diagram, expected.diagram) << "window " << k;
    EXPECT_EQ(taken.diagrams[k].simplices, expected.simplices) << "window " << k;
    EXPECT_EQ(taken.diagrams[k].loops.size(), expected.loops.size()) << "window " << k;
  }
}

TEST_P(DiagramBatch, NoWindowsAreNone) {
  for (const std::size_t points : {0u, 9u}) {
    Taken taken;
    EXPECT_EQ(compute_diagrams(each_of(random_stream(points)), taken.take(), options(10, 1)).value(), 0u);
    EXPECT_TRUE(taken.diagrams.empty());
  }
}

TEST_P(DiagramBatch, AWindowThatFailsIsNamedAndThoseBeforeItAreTaken) {
  // A polygon needs more than 16 words of links and annotations, points at one place next to none.
  constexpr std::size_t kPolygon = 40;
  PointCloud stream{.dimension = 2, .coordinates = std::vector<double>(std::size_t{2} * 2000)};
  for (std::size_t k = 0; k < 2 * kPolygon; ++k) {
    const double angle = 2 * std::numbers::pi * static_cast<double>(k) / kPolygon;
    stream.coordinates.insert(stream.coordinates.end(), {std::cos(angle), std::sin(angle)});
  }
  for (const std::size_t stride : {kPolygon / 4, kPolygon}) {
    const auto with = options(kPolygon, stride, {.max_stored_simplices = 16});
    const auto windows = windows_of(stream, with);
    const auto first = std::ranges::find_if_not(
        windows, [&](const PointCloud& window) { return VietorisRips().compute(window, with.rips).has_value(); });
    const auto bad = static_cast<std::size_t>(first - windows.begin());
    ASSERT_LT(bad, windows.size());
    Taken taken;
    const auto count = compute_diagrams(each_of(stream), taken.take(), with);
    ASSERT_FALSE(count);
    EXPECT_EQ(count.error().code, ErrorCode::limit_exceeded);
    const std::string wanted = "window " + std::to_string(bad) + ": the diagram of 40 points";
    EXPECT_TRUE(count.error().message.starts_with(wanted)) << count.error().message;
    EXPECT_EQ(taken.diagrams.size(), bad);
  }
}

TEST_P(DiagramBatch, APointThatIsNoneEndsItAfterTheWindowsBefore) {
  PointCloud stream = random_stream(400);
  stream.coordinates[2 * 333 + 1] = std::numeric_limits<double>::quiet_NaN();
  for (const std::size_t stride : {1u, 15u}) {
    Taken taken;
    const auto count = compute_diagrams(each_of(stream), taken.take(), options(20, stride));
    ASSERT_FALSE(count);
    EXPECT_EQ(count.error(),
              (Error{ErrorCode::invalid_argument, "coordinate 1 of point 333 is nan; a coordinate is finite"}));
    EXPECT_EQ(taken.diagrams.size(), (333 - 20) / stride + 1);
  }
}

TEST_P(DiagramBatch, WhatCannotBeReadEndsItAfterTheWindowsBefore) {
  const PointCloud stream = random_stream(300);
  Taken taken;
  const auto count = compute_diagrams(
      [next = each_of(stream)]() -> Result<std::optional<std::vector<double>>> {
        auto point = next();
        if (*point) return point;
        return fail(ErrorCode::invalid_data, "line 301 is broken");
      },
      taken.take(), options(10, 1));
  ASSERT_FALSE(count);
  EXPECT_EQ(count.error(), (Error{ErrorCode::invalid_data, "line 301 is broken"}));
  EXPECT_EQ(taken.diagrams.size(), 291u);
}

TEST_P(DiagramBatch, ATakerThatFailsEndsIt) {
  const PointCloud stream = random_stream(300);
  std::size_t calls = 0;
  const auto count = compute_diagrams(
      each_of(stream),
      [&](std::size_t window, const RepresentedDiagram&) -> Result<void> {
        ++calls;
        if (window == 103) return fail(ErrorCode::io, "disk full");
        return {};
      },
      options(10, 1));
  ASSERT_FALSE(count);
  EXPECT_EQ(count.error(), (Error{ErrorCode::io, "disk full"}));
  EXPECT_EQ(calls, 104u);
}

TEST_P(DiagramBatch, WhatItsCallerThrowsPassesThrough) {
  const PointCloud stream = random_stream(50);
  EXPECT_THROW(static_cast<void>(compute_diagrams(
                   each_of(stream),
                   [](std::size_t, const RepresentedDiagram&) -> Result<void> { throw std::runtime_error("no"); },
                   options(10, 1))),
               std::runtime_error);
}

/// Of 5000 points: calls for each diagram with the windows that were read by then and those not yet taken.
void watch(const DiagramBatchOptions& options, const std::function<void(std::size_t read, std::size_t waiting)>& see) {
  const PointCloud stream = random_stream(5000);
  std::size_t points = 0;
  std::size_t taken = 0;
  const auto count = compute_diagrams(
      [&, next = each_of(stream)] {
        ++points;
        return next();
      },
      [&](std::size_t, const RepresentedDiagram&) -> Result<void> {
        const std::size_t read = (std::min(points, stream.size()) - options.window) / options.stride + 1;
        see(read, read - taken);
        ++taken;
        return {};
      },
      options);
  EXPECT_EQ(count.value(), taken);
}

TEST_P(DiagramBatch, FewWindowsWaitAtOnce) {
  if (GetParam() == 0) GTEST_SKIP() << "as many as the machine has processors";
  const std::size_t runs = GetParam() == 1 ? 1 : GetParam() * kRunsPerThread;
  watch(options(10, 7), [&](std::size_t, std::size_t waiting) { ASSERT_LE(waiting, runs); });
  watch(options(10, 1, {.max_dimension = 0}), [&](std::size_t read, std::size_t waiting) {
    ASSERT_LE(waiting, GetParam() == 1 ? 1 : runs * kMostWindowsInRun);
    ASSERT_LE(waiting, std::max(runs, read / 2)) << "the first come soon";
  });
}

TEST(DiagramBatchOptions, OutsideTheirRangeAreRefusedBeforeAnythingIsRead) {
  const NextPoint next = []() -> Result<std::optional<std::vector<double>>> {
    ADD_FAILURE() << "read";
    return std::nullopt;
  };
  Taken taken;
  const auto error = [&](const DiagramBatchOptions& options) {
    return compute_diagrams(next, taken.take(), options).error();
  };
  EXPECT_EQ(error({.threads = 257, .metric = Metric::euclidean, .rips = {}}),
            (Error{ErrorCode::invalid_argument, "threads 257 is outside 0 to 256 (0: one a processor)"}));
  EXPECT_EQ(error({.window = 0, .metric = Metric::euclidean, .rips = {}}),
            (Error{ErrorCode::invalid_argument, "window is 1 to 4096 points, got 0"}));
  EXPECT_EQ(error({.window = 4097, .metric = Metric::euclidean, .rips = {}}),
            (Error{ErrorCode::invalid_argument, "window is 1 to 4096 points, got 4097"}));
  EXPECT_EQ(error({.stride = 0, .metric = Metric::euclidean, .rips = {}}),
            (Error{ErrorCode::invalid_argument, "stride is 1 point or more, got 0"}));
  EXPECT_EQ(error({.threads = 1, .metric = Metric::euclidean, .rips = {.max_dimension = 4}}).code,
            ErrorCode::invalid_argument);
  EXPECT_EQ(error({.threads = 1, .metric = Metric::euclidean, .rips = {.max_dimension = 3}, .most_loops = 1}).code,
            ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace topoforge
