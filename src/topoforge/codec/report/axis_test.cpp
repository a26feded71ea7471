#include "topoforge/codec/report/axis.hpp"

#include <limits>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "topoforge/codec/report/markup.hpp"

namespace topoforge {
namespace {

std::vector<std::string> labels(double low, double high, std::size_t wanted = 5) {
  std::vector<std::string> result;
  for (const auto& tick : axis_ticks(low, high, wanted)) result.push_back(tick.label);
  return result;
}

TEST(AxisTicks, AreRoundNumbersWithinTheRange) {
  EXPECT_THAT(labels(0.0, 1.0), testing::ElementsAre("0.0", "0.2", "0.4", "0.6", "0.8", "1.0"));
  EXPECT_THAT(labels(0.0, 0.7), testing::ElementsAre("0.0", "0.2", "0.4", "0.6"));
  EXPECT_THAT(labels(-3.0, 42.0), testing::ElementsAre("0", "10", "20", "30", "40"));
  EXPECT_THAT(labels(-1.0, 1.0, 4), testing::ElementsAre("-1.0", "-0.5", "0.0", "0.5", "1.0"));
  EXPECT_THAT(labels(0.0, 2e9), testing::ElementsAre("0", "5e+08", "1e+09", "1.5e+09", "2e+09"));
  EXPECT_THAT(labels(0.0, 1e-7), testing::ElementsAre("0", "2e-08", "4e-08", "6e-08", "8e-08", "1e-07"));
}

TEST(AxisTicks, ARangeOfOneValueHasOneTick) { EXPECT_THAT(labels(3.0, 3.0), testing::ElementsAre("3")); }

TEST(AxisTicks, ExtremeRangesGiveFewTicksInOrder) {
  constexpr double kMax = std::numeric_limits<double>::max();
  constexpr double kLeast = std::numeric_limits<double>::denorm_min();
  const std::vector<std::pair<double, double>> ranges = {
      {-kMax, kMax}, {0.0, kMax}, {0.0, kLeast}, {kLeast, 2 * kLeast}, {1e15, 1e15 + 0.25}, {1e150, 1.0000001e150}};
  for (const auto& [low, high] : ranges) {
    const auto ticks = axis_ticks(low, high);
    ASSERT_FALSE(ticks.empty());
    EXPECT_LE(ticks.size(), 11U);
    for (std::size_t i = 0; i < ticks.size(); ++i) {
      EXPECT_GE(ticks[i].value, low);
      EXPECT_LE(ticks[i].value, high);
      if (i > 0) {
        EXPECT_LE(ticks[i - 1].value, ticks[i].value);
      }
    }
  }
}

TEST(AxisTicks, RandomRangesHaveAReadableNumberOfTicks) {
  for (unsigned seed = 1; seed <= 500; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 random(seed);
    const double scale = std::pow(10.0, std::uniform_real_distribution<double>(-12.0, 12.0)(random));
    const double low = std::uniform_real_distribution<double>(-1.0, 1.0)(random) * scale;
    const double high = low + std::uniform_real_distribution<double>(0.01, 2.0)(random) * scale;
    const auto ticks = axis_ticks(low, high);
    EXPECT_GE(ticks.size(), 2U);
    EXPECT_LE(ticks.size(), 8U);
  }
}

TEST(Numbers, AreShortAndGrouped) {
  EXPECT_EQ(short_number(1.0 / 3.0), "0.3333");
  EXPECT_EQ(short_number(-0.0), "0");
  EXPECT_EQ(short_number(1234567.0), "1.235e+06");
  EXPECT_EQ(grouped_number(0), "0");
  EXPECT_EQ(grouped_number(999), "999");
  EXPECT_EQ(grouped_number(1000), "1,000");
  EXPECT_EQ(grouped_number(1234567), "1,234,567");
}

TEST(Markup, HostileTextIsInert) {
  EXPECT_EQ(escape_markup("<script>alert('x')</script>"), "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;");
  EXPECT_EQ(escape_markup("\" onload=\"x & y"), "&quot; onload=&quot;x &amp; y");
  EXPECT_EQ(escape_markup(std::string_view("a\0b\x1b\xff", 5)),
            "a\xEF\xBF\xBD"
            "b\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(escape_markup("größe €"), "größe €");
}

}  // namespace
}  // namespace topoforge
