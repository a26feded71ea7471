#include "topoforge/codec/json/json_text.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace topoforge {
namespace {

using testing::HasSubstr;

std::string problem_of(std::string_view text) {
  const auto parsed = parse_json(text);
  return parsed ? "accepted" : join_location(texts_of(parsed.error().loc)) + "|" + parsed.error().message;
}

TEST(JsonText, ReadsAndPrintsTheSameValue) {
  const std::string text = R"({"a":[1,-2,0.5,true,null,"x\n\u00b5"],"b":{},"c":[]})";
  EXPECT_EQ(print_json(*parse_json(text)), "{\"a\":[1,-2,0.5,true,null,\"x\\n\u00b5\"],\"b\":{},\"c\":[]}");
}

TEST(JsonText, RefusesAKeyThatStandsTwice) {
  EXPECT_EQ(problem_of(R"({"values":{"cpu":1,"mem":2,"cpu":3}})"),
            "values.cpu|the key 'cpu' stands twice in one object");
  EXPECT_EQ(problem_of(R"([{"a":1},{"a":1}])"), "accepted");
  EXPECT_EQ(problem_of(R"({"a":1,"\u0061":1})"), "a|the key 'a' stands twice in one object");
}

TEST(JsonText, APlaceIsKeysAndIndices) {
  const auto parsed = parse_json(R"({"a":[0,{"b":[]},{"c":1e999}]})");
  ASSERT_FALSE(parsed);
  EXPECT_EQ(boost::json::array(parsed.error().loc.begin(), parsed.error().loc.end()),
            (boost::json::array{"a", 2U, "c"}));
}

TEST(JsonText, RefusesNumbersThatNoDoubleHolds) {
  EXPECT_EQ(problem_of(R"({"values":{"cpu":1e400}})"), "values.cpu|'1e400' is beyond the range of a double");
  EXPECT_EQ(problem_of("[0,-1e999]"), "1|'-1e999' is beyond the range of a double");
  EXPECT_THAT(problem_of("[1e99999999999]"), HasSubstr("0|"));
  for (const char* text : {"NaN", "Infinity", "-Infinity", "[nan]", "1.", ".5", "+1", "0x10", "01"}) {
    EXPECT_THAT(problem_of(text), HasSubstr("invalid JSON at byte")) << text;
  }
}

TEST(JsonText, TinyNumbersAreZeroOrTheNearestDouble) {
  EXPECT_EQ(parse_json("1e-400")->as_double(), 0.0);
  EXPECT_EQ(parse_json("4.9e-324")->as_double(), 4.9e-324);
}

TEST(JsonText, NegativeZeroKeepsItsSign) {
  EXPECT_EQ(print_json(*parse_json("-0.0")), "-0.0");
  EXPECT_TRUE(std::signbit(parse_json("-0.0")->as_double()));
}

TEST(JsonText, RefusesBrokenTextWithItsPlace) {
  EXPECT_EQ(problem_of(""), "|invalid JSON at byte 1: incomplete JSON");
  EXPECT_THAT(problem_of("{\"a\":1} x"), HasSubstr("invalid JSON at byte 9"));
  EXPECT_THAT(problem_of("{\"a\":\"\xff\"}"), HasSubstr("a|invalid JSON"));
  EXPECT_THAT(problem_of("{\"a\":1,}"), HasSubstr("invalid JSON"));
  EXPECT_THAT(problem_of("{\"a\":1} // note"), HasSubstr("invalid JSON"));
}

TEST(JsonText, DepthIsBounded) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_EQ(problem_of(nested(kMaxJsonDepth)), "accepted");
  EXPECT_THAT(problem_of(nested(kMaxJsonDepth + 1)), HasSubstr("nested deeper than 16 levels"));
  EXPECT_THAT(problem_of(nested(1'000'000)), HasSubstr("nested deeper than 16 levels"));
}

TEST(JsonText, PrintsEveryCharacterAsBoostDoes) {
  std::string all = "plain";
  for (int byte = 0; byte < 128; ++byte) all += static_cast<char>(byte);
  all += "\u00e4\U0001f600";
  for (std::size_t length = 0; length <= all.size(); ++length) {
    const boost::json::value text(all.substr(0, length));
    EXPECT_EQ(print_json(text), boost::json::serialize(text));
    EXPECT_EQ(print_json(boost::json::object{{all.substr(length), nullptr}}),
              boost::json::serialize(boost::json::object{{all.substr(length), nullptr}}));
  }
}

TEST(JsonText, PrintsWholeNumbersAndWordsAsBoostDoes) {
  const boost::json::array all{
      std::numeric_limits<std::int64_t>::min(),  -1,   0,     std::numeric_limits<std::int64_t>::max(),
      std::numeric_limits<std::uint64_t>::max(), true, false, nullptr};
  EXPECT_EQ(print_json(all), boost::json::serialize(all));
}

TEST(JsonText, DoublesSurvivePrintingAndReading) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int i = 0; i < 20'000; ++i) {
    const auto number = std::bit_cast<double>(std::uint64_t{random()});
    if (!std::isfinite(number)) continue;
    const auto back = parse_json(print_json(boost::json::value(number)));
    ASSERT_TRUE(back);
    EXPECT_EQ(back->to_number<double>(), number);
  }
}

}  // namespace
}  // namespace topoforge
