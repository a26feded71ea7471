#include "topoforge/engine/window_runs.hpp"

#include <limits>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace topoforge {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Points = std::vector<std::vector<double>>;

/// The points, then the end or an error; nobody may ask again.
NextPoint each_of(Points points, Result<std::optional<std::vector<double>>> end = std::nullopt) {
  return [points = std::move(points), end = std::move(end), at = std::size_t{0}]() mutable {
    EXPECT_LE(at, points.size());
    return at++ < points.size() ? points[at - 1] : end;
  };
}

/// 0, 1, 2, ...
Points line(std::size_t count) {
  Points points;
  for (std::size_t i = 0; i < count; ++i) points.push_back({static_cast<double>(i)});
  return points;
}

std::vector<std::vector<double>> runs_of(std::size_t points, WindowPlaces places, std::size_t most) {
  const NextPoint next = each_of(line(points));
  WindowRunReader reader(next, places);
  std::vector<std::vector<double>> runs;
  std::size_t windows = 0;
  while (true) {
    const WindowRun run = reader.read(most).value();
    EXPECT_EQ(run.first, windows);
    EXPECT_LE(run.windows, most);
    if (run.windows == 0) break;
    windows += run.windows;
    runs.push_back(run.points.coordinates);
  }
  EXPECT_EQ(reader.read(most).value().windows, 0u) << "the end stays";
  return runs;
}

TEST(WindowRuns, OfOneWindowStandAStrideApart) {
  EXPECT_THAT(runs_of(5, {.window = 3, .stride = 1}, 1),
              ElementsAre(ElementsAre(0, 1, 2), ElementsAre(1, 2, 3), ElementsAre(2, 3, 4)));
  EXPECT_THAT(runs_of(8, {.window = 3, .stride = 2}, 1),
              ElementsAre(ElementsAre(0, 1, 2), ElementsAre(2, 3, 4), ElementsAre(4, 5, 6)));
  EXPECT_THAT(runs_of(6, {.window = 3, .stride = 3}, 1), ElementsAre(ElementsAre(0, 1, 2), ElementsAre(3, 4, 5)));
  EXPECT_THAT(runs_of(7, {.window = 2, .stride = 5}, 1), ElementsAre(ElementsAre(0, 1), ElementsAre(5, 6)));
  EXPECT_THAT(runs_of(2, {.window = 1, .stride = 1}, 1), ElementsAre(ElementsAre(0), ElementsAre(1)));
  EXPECT_THAT(runs_of(2, {.window = 3, .stride = 1}, 1), IsEmpty());
}

TEST(WindowRuns, OfSeveralWindowsHoldWhatTheyShareOnce) {
  EXPECT_THAT(runs_of(7, {.window = 3, .stride = 1}, 3),
              ElementsAre(ElementsAre(0, 1, 2, 3, 4), ElementsAre(3, 4, 5, 6)));
  EXPECT_THAT(runs_of(8, {.window = 2, .stride = 3}, 2), ElementsAre(ElementsAre(0, 1, 2, 3, 4), ElementsAre(6, 7)));
}

TEST(WindowRuns, AskForNoPointBeyondTheRun) {
  std::size_t asked = 0;
  const NextPoint next = [&, each = each_of(line(100))] {
    ++asked;
    return each();
  };
  WindowRunReader reader(next, {.window = 10, .stride = 4});
  EXPECT_EQ(reader.read(1).value().windows, 1u);
  EXPECT_EQ(asked, 10u);
  EXPECT_EQ(reader.read(3).value().windows, 3u);
  EXPECT_EQ(asked, 22u);
}

TEST(WindowRuns, AnErrorComesAfterTheWindowsBeforeItAndStays) {
  const Error broken{ErrorCode::invalid_data, "line 6 is broken"};
  const NextPoint next = each_of(line(5), tl::unexpected(broken));
  WindowRunReader reader(next, {.window = 2, .stride = 1});
  EXPECT_EQ(reader.read(3).value().windows, 3u);
  EXPECT_EQ(reader.read(3).value().windows, 1u);
  EXPECT_EQ(reader.read(3).error(), broken);
  EXPECT_EQ(reader.read(3).error(), broken);
}

TEST(WindowRuns, APointThatIsNoneIsNamed) {
  const auto error = [](Points points) {
    const NextPoint next = each_of(std::move(points));
    return WindowRunReader(next, {.window = 9, .stride = 1}).read(1).error();
  };
  EXPECT_EQ(error({{}}), (Error{ErrorCode::invalid_argument, "point 0 has no coordinates"}));
  EXPECT_EQ(error({{1, 2}, {3}}),
            (Error{ErrorCode::invalid_argument, "point 1 has 1 coordinates; wanted 2, as in point 0"}));
  EXPECT_EQ(error({{1, 2}, {3, std::numeric_limits<double>::quiet_NaN()}}),
            (Error{ErrorCode::invalid_argument, "coordinate 1 of point 1 is nan; a coordinate is finite"}));
  EXPECT_EQ(error({{-std::numeric_limits<double>::infinity()}}).message,
            "coordinate 0 of point 0 is -inf; a coordinate is finite");
}

}  // namespace
}  // namespace topoforge
