#include "topoforge/api/ingest_body.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace topoforge::api {
namespace {

TEST(IngestBody, OneEventAnArrayAndLines) {
  const auto one = read_ingest_body(R"({"value":1})", "application/json");
  ASSERT_TRUE(one);
  EXPECT_TRUE(one->single);
  EXPECT_EQ(one->events.size(), 1U);
  const auto list = read_ingest_body(R"([{"value":1},{"value":2}])", "");
  ASSERT_TRUE(list);
  EXPECT_FALSE(list->single);
  EXPECT_EQ(list->events.size(), 2U);
  const auto lines = read_ingest_body("\n{\"value\":1}\r\n\n{\"value\":2}", "text/plain");
  ASSERT_TRUE(lines);
  EXPECT_EQ(lines->events.size(), 2U);
  EXPECT_FALSE(read_ingest_body("{\"value\":1}", "application/x-ndjson")->single);
}

TEST(IngestBody, PrettyJsonIsNotTakenForLines) {
  const auto one = read_ingest_body("{\n  \"value\": 1\n}\n", "application/json");
  ASSERT_TRUE(one);
  EXPECT_TRUE(one->single);
}

TEST(IngestBody, EveryWrongEventIsNamedAndNoneIsKept) {
  const auto body = read_ingest_body("{\"value\":1}\n\n{\"value\":\"x\"}\n{\"values\":{}}\n", "application/x-ndjson");
  ASSERT_FALSE(body);
  ASSERT_EQ(body.error().size(), 2U);
  EXPECT_EQ(body.error()[0].loc, (std::vector<boost::json::value>{"body", 1U, "value"}));
  EXPECT_THAT(body.error()[0].message, testing::StartsWith("line 3: "));
  EXPECT_EQ(body.error()[1].loc, (std::vector<boost::json::value>{"body", 2U, "values"}));
}

TEST(IngestBody, BoundsAreMet) {
  std::string lines;
  for (std::size_t i = 0; i < kMaxEventsPerRequest; ++i) lines += "{\"value\":1}\n";
  EXPECT_EQ(read_ingest_body(lines, "application/x-ndjson")->events.size(), kMaxEventsPerRequest);
  const auto more = read_ingest_body(lines + "{\"value\":1}", "application/x-ndjson");
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error()[0].type, "too_long");
  std::string wrong;
  for (std::size_t i = 0; i < kMaxReportedErrors + 7; ++i) wrong += "{}\n";
  const auto errors = read_ingest_body(wrong, "application/x-ndjson");
  ASSERT_FALSE(errors);
  EXPECT_EQ(errors.error().size(), kMaxReportedErrors + 1);
  EXPECT_THAT(errors.error().back().message, testing::HasSubstr("7 more"));
}

TEST(IngestBody, NothingIsAnError) {
  for (const char* text : {"", " \n ", "[]", "\xef\xbb\xbf"}) {
    EXPECT_FALSE(read_ingest_body(text, "")) << '"' << text << '"';
    EXPECT_FALSE(read_ingest_body(text, "application/x-ndjson")) << '"' << text << '"';
  }
}

}  // namespace
}  // namespace topoforge::api
