#include "topoforge/codec/json/event_json.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "topoforge/codec/json/json_text.hpp"
#include "topoforge/codec/text/timestamp.hpp"

namespace topoforge {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

Event event_of(std::string_view json) {
  auto event = parse_event(json);
  EXPECT_TRUE(event) << json << ": " << event.error().message;
  return event.value_or(Event{});
}

std::string problem_of(std::string_view json) {
  const auto event = parse_event(json);
  return event ? "accepted" : event.error().message;
}

TEST(EventJson, OneValueIsTheChannelValue) {
  EXPECT_THAT(event_of(R"({"value": 1.5})").values, ElementsAre(Measurement{"value", 1.5}));
}

TEST(EventJson, ReadsEveryMemberOfAFullEvent) {
  const Event event = event_of(R"({"values": {"cpu": 1, "mem": -2.5e3}, "timestamp": "2024-02-29T12:00:00Z",
      "source": "web", "entity": 7, "id": 18446744073709551615, "attributes": {"user": "ann", "roles": [1, "x"]}})");
  EXPECT_THAT(event.values, ElementsAre(Measurement{"cpu", 1.0}, Measurement{"mem", -2500.0}));
  EXPECT_EQ(event.timestamp, parse_iso_timestamp("2024-02-29T12:00:00Z")->time);
  EXPECT_EQ(event.stream, (StreamKey{"web", "7"}));
  EXPECT_EQ(event.id, "18446744073709551615");
  EXPECT_THAT(event.attributes, ElementsAre(Pair("user", "ann"), Pair("roles", R"([1,"x"])")));
}

TEST(EventJson, NumericMembersOfARawEventAreItsChannels) {
  const Event event = event_of(R"({"type":"edit","size":12,"user":"ann","delta":-0.5,"bot":false,"id":3,
      "timestamp":1700000000,"meta":{"n":1}})");
  EXPECT_THAT(event.values, ElementsAre(Measurement{"size", 12.0}, Measurement{"delta", -0.5}));
  EXPECT_THAT(event.attributes, ElementsAre(Pair("type", "edit"), Pair("user", "ann"), Pair("bot", "false")));
  EXPECT_EQ(event.id, "3");
  EXPECT_EQ(format_timestamp(*event.timestamp), "2023-11-14T22:13:20Z");
}

TEST(EventJson, OtherMembersBesideAValueAreAttributes) {
  const Event event = event_of(R"({"value":1,"size":12,"user":"bob","attributes":{"user":"ann"}})");
  EXPECT_THAT(event.values, ElementsAre(Measurement{"value", 1.0}));
  EXPECT_THAT(event.attributes, ElementsAre(Pair("user", "ann"), Pair("size", "12")));
}

TEST(EventJson, NullIsAMissingMember) {
  const Event event = event_of(R"({"values":{"cpu":null,"mem":2},"timestamp":null,"source":null,"id":null})");
  EXPECT_THAT(event.values, ElementsAre(Measurement{"mem", 2.0}));
  EXPECT_FALSE(event.timestamp);
}

TEST(EventJson, LongTextOfARawEventIsCutVisibly) {
  const Event event = event_of(R"({"value":1,"text":")" + std::string(kMaxAttributeBytes + 1, 'x') + R"("})");
  ASSERT_EQ(event.attributes.size(), 1U);
  EXPECT_EQ(event.attributes[0].second, std::string(kMaxAttributeBytes - 3, 'x') + "...");
  EXPECT_TRUE(validate(event));
}

TEST(EventJson, SaysWhichMemberIsWrongAndWhatWasWanted) {
  EXPECT_EQ(problem_of(R"({"values":{"cpu":"abc"}})"), "values.cpu: wanted a finite number, got text 'abc'");
  EXPECT_EQ(problem_of(R"({"value":true})"), "value: wanted a finite number, got true");
  EXPECT_EQ(problem_of(R"({"values":[1,2]})"), "values: wanted an object of numbers, got an array");
  EXPECT_EQ(problem_of(R"({"values":{}})"), "values: wanted at least one number, got none");
  EXPECT_EQ(problem_of(R"({"values":{"":1}})"), "values.: the name of a channel is empty");
  EXPECT_EQ(problem_of(R"({"value":1,"values":{"a":1}})"), "value: wanted 'value' or 'values', got both");
  EXPECT_EQ(problem_of(R"({"value":1e151})"), "value: wanted a number of magnitude at most 1e+150, got 1e+151");
  EXPECT_EQ(problem_of(R"({"value":1e400})"), "value: '1e400' is beyond the range of a double");
  EXPECT_THAT(problem_of(R"({"value":1,"timestamp":"yesterday"})"), HasSubstr("timestamp: 'yesterday' is no ISO 8601"));
  EXPECT_THAT(problem_of(R"({"value":1,"timestamp":[1]})"), HasSubstr("timestamp: wanted ISO 8601 text or an epoch"));
  EXPECT_EQ(problem_of(R"({"value":1,"source":1.5})"), "source: wanted text or a whole number, got 1.5");
  EXPECT_EQ(problem_of(R"({"value":1,"attributes":"x"})"), "attributes: wanted an object, got text 'x'");
  EXPECT_THAT(problem_of(R"({"type":"edit"})"), HasSubstr("or a member that is a number"));
  EXPECT_EQ(problem_of("3"), "wanted an object, got 3");
}

TEST(EventJson, KeepsTheNamedLimits) {
  std::string values;
  for (std::size_t i = 0; i <= kMaxChannels; ++i) values += (i == 0 ? "\"c" : ",\"c") + std::to_string(i) + "\":1";
  EXPECT_EQ(problem_of("{\"values\":{" + values + "}}"), "values: more than 1024 channels");
  EXPECT_THAT(problem_of(R"({"value":1,"id":")" + std::string(kMaxNameBytes + 1, 'x') + R"("})"),
              HasSubstr("id: 257 bytes long; at most 256 are allowed"));
  EXPECT_THAT(problem_of(std::string(kMaxEventBytes + 1, ' ')), HasSubstr("at most 1048576 are allowed"));
  EXPECT_EQ(parse_event(std::string(kMaxEventBytes + 1, ' ')).error().code, ErrorCode::limit_exceeded);
}

TEST(EventJson, ErrorCarriesThePathAndAWordForMachines) {
  const auto event = read_event(std::string_view(R"({"values":{"cpu":[1]}})"));
  ASSERT_FALSE(event);
  EXPECT_THAT(event.error().loc, ElementsAre("values", "cpu"));
  EXPECT_EQ(event.error().type, "float_type");
  EXPECT_EQ(read_event(std::string_view("{")).error().type, "json_invalid");
  EXPECT_EQ(read_event(std::string_view("{}")).error().type, "missing");
}

TEST(EventJson, PrintedEventReadsBackAsTheSame) {
  for (const char* json : {R"({"value":0.1})", R"({"size":1,"type":"e","n":2,"source":"s","entity":"e","id":5})",
                           R"({"values":{"a.b":1,"\"":-0.0},"timestamp":1700000000.25,"attributes":{"x":{"y":[]}}})"}) {
    const Event event = event_of(json);
    EXPECT_EQ(event_of(print_json(event_to_json(event))), event) << json;
  }
}

}  // namespace
}  // namespace topoforge
