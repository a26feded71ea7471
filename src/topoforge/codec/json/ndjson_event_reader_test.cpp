#include "topoforge/codec/json/ndjson_event_reader.hpp"

#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace topoforge {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

NextLine lines_of(std::vector<std::string> lines) {
  auto kept = std::make_shared<std::vector<std::string>>(std::move(lines));
  return [kept, at = std::size_t{0}]() mutable -> Result<std::optional<std::string_view>> {
    if (at == kept->size()) return std::optional<std::string_view>{};
    return std::optional<std::string_view>{(*kept)[at++]};
  };
}

TEST(NdjsonEventReader, EachLineIsAnEvent) {
  NdjsonEventReader reader(
      "f", lines_of({R"({"values":{"a":1,"b":2},"timestamp":1700000000})", "", R"({"values":{"a":3},"source":"web"})"}),
      "f");
  const auto first = reader.next();
  ASSERT_TRUE(first && *first != nullptr);
  EXPECT_EQ((*first)->event.stream, (StreamKey{"f", ""}));
  EXPECT_EQ((*first)->timestamp, "2023-11-14T22:13:20Z");
  const auto second = reader.next();
  ASSERT_TRUE(second && *second != nullptr);
  EXPECT_EQ((*second)->event.stream.source, "web");
  EXPECT_EQ((*second)->line, 3U);
  EXPECT_EQ(*reader.next(), nullptr);
  EXPECT_THAT(reader.summary().channels, ElementsAre("a", "b"));
  EXPECT_EQ(reader.summary().rows, 2U);
  EXPECT_EQ(reader.summary().blank_lines.count, 1U);
  EXPECT_EQ(reader.summary().missing_timestamps.first_line, 3U);
}

TEST(NdjsonEventReader, ErrorsNameFileLineAndMember) {
  NdjsonEventReader reader("f", lines_of({R"({"value":1})", R"({"values":{"cpu":"x"}})"}), "f");
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.next().error().message, "f:2: values.cpu: wanted a finite number, got text 'x'");
}

TEST(NdjsonEventReader, FileWithoutEventsIsAnError) {
  EXPECT_EQ(NdjsonEventReader("f", lines_of({}), "f").next().error().message,
            "f: the file is empty; wanted one JSON event a line");
  EXPECT_THAT(NdjsonEventReader("f", lines_of({" "}), "f").next().error().message, HasSubstr("blank lines only"));
}

TEST(NdjsonEventReader, TimesOutOfOrderAreCounted) {
  NdjsonEventReader reader(
      "f", lines_of({R"({"value":1,"timestamp":2})", R"({"value":1,"timestamp":2})", R"({"value":1,"timestamp":1})"}),
      "f");
  while (reader.next().value() != nullptr) {
  }
  EXPECT_EQ(reader.summary().repeated_timestamps.first_line, 2U);
  EXPECT_EQ(reader.summary().out_of_order.first_line, 3U);
}

}  // namespace
}  // namespace topoforge
