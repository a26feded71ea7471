#include "topoforge/codec/diagram/point_reader.hpp"

#include <optional>
#include <vector>

#include <gtest/gtest.h>

namespace topoforge {
namespace {

TEST(PointReader, ReadsAPointOfEachRowAndSkipsWhatIsNone) {
  PointReader reader("file");
  for (const char* line : {"x,y", "# none", ""}) EXPECT_EQ(reader.read_line(line).value(), std::nullopt);
  EXPECT_EQ(reader.read_line("1,2").value(), (std::vector<double>{1, 2}));
  EXPECT_EQ(reader.read_line("3 4").value(), (std::vector<double>{3, 4}));
  EXPECT_EQ(reader.points(), 2u);
}

TEST(PointReader, NamesARowThatIsBrokenOrOfAnotherLength) {
  PointReader reader("file");
  EXPECT_TRUE(reader.read_line("x,y"));
  EXPECT_TRUE(reader.read_line("1,2"));
  EXPECT_EQ(reader.read_line("1,2,3").error(),
            (Error{ErrorCode::invalid_data, "file:3: column 3: the row has 3 numbers; wanted 2, as in line 2"}));
  EXPECT_EQ(reader.read_line("1,x").error().message,
            "file:4: column 2: wanted a number of magnitude at most 1e+150, got 'x'");
  EXPECT_EQ(reader.points(), 1u);
}

}  // namespace
}  // namespace topoforge
