#include "topoforge/adapters/http/static_asset.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace topoforge::http {
namespace {

using testing::Contains;
using testing::Pair;

const std::string kTag = make_etag("body {}");

Response ask(const std::string& if_none_match) {
  Request request{.method = "GET"};
  if (!if_none_match.empty()) request.headers.emplace_back("If-None-Match", if_none_match);
  return static_asset(request, {.content = "body {}", .content_type = "text/css", .etag = kTag});
}

TEST(StaticAsset, TheTagIsThatOfTheContent) {
  EXPECT_EQ(make_etag(""), "\"cbf29ce484222325-0\"");
  EXPECT_EQ(make_etag("body {}"), kTag);
  EXPECT_NE(make_etag("body { }"), kTag);
}

TEST(StaticAsset, ANewClientGetsItWhole) {
  for (const std::string& tag : {std::string(), std::string("\"other\""), std::string("body"), kTag.substr(1)}) {
    const Response response = ask(tag);
    EXPECT_EQ(response.status, 200U) << tag;
    EXPECT_EQ(response.body, "body {}");
    EXPECT_EQ(response.content_type, "text/css");
    EXPECT_THAT(response.headers, Contains(Pair("ETag", kTag)));
    EXPECT_THAT(response.headers, Contains(Pair("Cache-Control", "no-cache")));
  }
}

TEST(StaticAsset, AClientThatHasItIsToldSo) {
  for (const std::string& tag : {kTag, "W/" + kTag, "\"other\", " + kTag + " ,\"x\"", std::string("*")}) {
    const Response response = ask(tag);
    EXPECT_EQ(response.status, 304U) << tag;
    EXPECT_EQ(response.body, "");
    EXPECT_THAT(response.headers, Contains(Pair("ETag", kTag)));
  }
}

}  // namespace
}  // namespace topoforge::http
