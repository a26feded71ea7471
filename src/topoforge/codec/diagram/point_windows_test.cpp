#include "topoforge/codec/diagram/point_windows.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace topoforge {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Windows = std::vector<std::vector<double>>;

Windows windows_of(std::size_t rows, PointWindowOptions options) {
  PointWindowReader reader("file", options);
  Windows windows;
  for (std::size_t row = 0; row < rows; ++row) {
    auto window = reader.add_line(std::to_string(row));
    EXPECT_TRUE(window);
    if (window && *window) windows.push_back((*window)->coordinates);
  }
  EXPECT_EQ(reader.rows(), rows);
  return windows;
}

TEST(PointWindows, StandAStrideApart) {
  EXPECT_THAT(windows_of(5, {.window = 3, .stride = 1}),
              ElementsAre(ElementsAre(0, 1, 2), ElementsAre(1, 2, 3), ElementsAre(2, 3, 4)));
  EXPECT_THAT(windows_of(8, {.window = 3, .stride = 2}),
              ElementsAre(ElementsAre(0, 1, 2), ElementsAre(2, 3, 4), ElementsAre(4, 5, 6)));
  EXPECT_THAT(windows_of(6, {.window = 3, .stride = 3}), ElementsAre(ElementsAre(0, 1, 2), ElementsAre(3, 4, 5)));
  EXPECT_THAT(windows_of(7, {.window = 2, .stride = 5}), ElementsAre(ElementsAre(0, 1), ElementsAre(5, 6)));
  EXPECT_THAT(windows_of(2, {.window = 1, .stride = 1}), ElementsAre(ElementsAre(0), ElementsAre(1)));
  EXPECT_THAT(windows_of(2, {.window = 3, .stride = 1}), IsEmpty());
}

TEST(PointWindows, SkipWhatIsNoRow) {
  PointWindowReader reader("file", {.window = 2, .stride = 1});
  for (const char* line : {"x,y", "# none", "", "1,2"}) EXPECT_EQ(reader.add_line(line).value(), std::nullopt);
  EXPECT_EQ(reader.add_line("3 4").value(), (PointCloud{.dimension = 2, .coordinates = {1, 2, 3, 4}}));
  EXPECT_EQ(reader.rows(), 2u);
}

TEST(PointWindows, ARowOfAnotherLengthIsNamedEvenWhereItIsInNoWindow) {
  PointWindowReader reader("file", {.window = 1, .stride = 9});
  EXPECT_TRUE(reader.add_line("x,y"));
  EXPECT_TRUE(reader.add_line("1,2"));
  EXPECT_EQ(reader.add_line("1,2,3").error(),
            (Error{ErrorCode::invalid_data, "file:3: column 3: the row has 3 numbers; wanted 2, as in line 2"}));
  EXPECT_EQ(reader.add_line("1,x").error().message,
            "file:4: column 2: wanted a number of magnitude at most 1e+150, got 'x'");
}

}  // namespace
}  // namespace topoforge
