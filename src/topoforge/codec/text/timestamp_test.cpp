#include "topoforge/codec/text/timestamp.hpp"

#include <chrono>
#include <cmath>
#include <random>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace topoforge {
namespace {

using std::chrono::microseconds;
using testing::HasSubstr;

std::string reprinted(std::string_view text) {
  const auto parsed = parse_iso_timestamp(text);
  return parsed ? format_timestamp(parsed->time) : "error: " + parsed.error().message;
}

TEST(Timestamp, ReadsEveryFormOfIso8601ThatItNames) {
  EXPECT_EQ(reprinted("2024-02-29"), "2024-02-29T00:00:00Z");
  EXPECT_EQ(reprinted("2024-02-29T12:30"), "2024-02-29T12:30:00Z");
  EXPECT_EQ(reprinted("2024-02-29 12:30:45"), "2024-02-29T12:30:45Z");
  EXPECT_EQ(reprinted("2024-02-29t12:30:45z"), "2024-02-29T12:30:45Z");
  EXPECT_EQ(reprinted("2024-02-29T12:30:45.5Z"), "2024-02-29T12:30:45.500Z");
  EXPECT_EQ(reprinted("2024-02-29T12:30:45,123456789Z"), "2024-02-29T12:30:45.123456Z");
  EXPECT_EQ(reprinted("2024-03-01T01:00:00+02:00"), "2024-02-29T23:00:00Z");
  EXPECT_EQ(reprinted("2024-02-29T23:00:00-0130"), "2024-03-01T00:30:00Z");
  EXPECT_EQ(reprinted("2024-02-29T23:00:00+01"), "2024-02-29T22:00:00Z");
}

TEST(Timestamp, TellsDateZoneAndLocalTimeApart) {
  EXPECT_FALSE(parse_iso_timestamp("2024-02-29")->has_time_of_day);
  EXPECT_FALSE(parse_iso_timestamp("2024-02-29 00:00:00")->has_zone);
  EXPECT_TRUE(parse_iso_timestamp("2024-02-29 00:00:00Z")->has_zone);
}

TEST(Timestamp, SaysWhatIsWrongWithAText) {
  EXPECT_THAT(reprinted("2023-02-29"), HasSubstr("month 2 of 2023 has no day 29"));
  EXPECT_THAT(reprinted("1900-02-29T00:00:00Z"), HasSubstr("month 2 of 1900 has no day 29"));
  EXPECT_THAT(reprinted("2024-13-01"), HasSubstr("month 13 is not in 1 to 12"));
  EXPECT_THAT(reprinted("2024-01-01T24:00:00"), HasSubstr("hour 24 is not in 0 to 23"));
  EXPECT_THAT(reprinted("2024-01-01T23:59:60Z"), HasSubstr("second 60 is not in 0 to 59"));
  EXPECT_THAT(reprinted("0000-01-01"), HasSubstr("year 0 is not in 1 to 9999"));
  EXPECT_THAT(reprinted("9999-12-31T23:59:59-01:00"), HasSubstr("outside the years 1 to 9999"));
  EXPECT_THAT(reprinted("0001-01-01T00:00:00+01:00"), HasSubstr("outside the years 1 to 9999"));
  for (const char* text : {"", "abc", "2024", "2024-1-01", "2024-01-01T", "2024-01-01T1:00", "2024-01-01T10:00:00.",
                           "2024-01-01T10:00:00Zx", "2024-01-01T10:00:00+1", "2024-01-01T10:00:00 UTC"}) {
    EXPECT_THAT(reprinted(text), HasSubstr("is no ISO 8601 time")) << text;
  }
}

TEST(Timestamp, EpochUnitFollowsFromTheMagnitude) {
  const Timestamp wanted = parse_iso_timestamp("2023-11-14T22:13:20.123456Z")->time;
  const Timestamp whole = parse_iso_timestamp("2023-11-14T22:13:20Z")->time;
  EXPECT_EQ(*timestamp_from_epoch(std::int64_t{1'700'000'000}), whole);
  EXPECT_EQ(*timestamp_from_epoch(std::int64_t{1'700'000'000'000}), whole);
  EXPECT_EQ(*timestamp_from_epoch(std::int64_t{1'700'000'000'123'456}), wanted);
  EXPECT_EQ(*timestamp_from_epoch(std::int64_t{1'700'000'000'123'456'789}), wanted);
  EXPECT_EQ(*timestamp_from_epoch(1'700'000'000.123456), wanted);
  EXPECT_EQ(*timestamp_from_epoch(1'700'000'000'123.456), wanted);
  EXPECT_EQ(*timestamp_from_epoch(-0.5), Timestamp{microseconds{-500'000}});
}

TEST(Timestamp, EpochOutsideTheCalendarIsRefused) {
  for (const double number : {-99'999'999'999.0, 1e19, std::nan(""), HUGE_VAL}) {
    const auto time = timestamp_from_epoch(number);
    ASSERT_FALSE(time) << number;
    EXPECT_THAT(time.error().message, HasSubstr("outside the years 1 to 9999"));
  }
}

TEST(Timestamp, FormattedTimesReadBackAsTheSame) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  const auto first = parse_iso_timestamp("0001-01-01")->time.time_since_epoch().count();
  const auto last = parse_iso_timestamp("9999-12-31T23:59:59.999999")->time.time_since_epoch().count();
  std::uniform_int_distribution<std::int64_t> ticks(first, last);
  for (int i = 0; i < 2000; ++i) {
    const Timestamp time{microseconds{ticks(random) / (i % 3 == 0 ? 1'000'000 : 1) * (i % 3 == 0 ? 1'000'000 : 1)}};
    const auto back = parse_iso_timestamp(format_timestamp(time));
    ASSERT_TRUE(back) << format_timestamp(time);
    EXPECT_EQ(back->time, time);
  }
}

}  // namespace
}  // namespace topoforge
