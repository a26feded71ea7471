#include "topoforge/adapters/http/message.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace topoforge::http {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(HttpMessage, TargetsAreDecoded) {
  const auto target = parse_target("/a%20b/+?x=1+2&y=%26&flag&&=v");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, "/a b/+");
  EXPECT_THAT(target->query, ElementsAre(Pair("x", "1 2"), Pair("y", "&"), Pair("flag", ""), Pair("", "v")));
  EXPECT_EQ(parse_target("http://host:80/path?q=1")->path, "/path");
  EXPECT_EQ(parse_target("http://host")->path, "/");
  EXPECT_EQ(parse_target("/p#fragment")->path, "/p");
  EXPECT_EQ(parse_target("HTTPS://[::1]:443?q=1")->path, "/");
  EXPECT_EQ(parse_target("http://host:80/path?q=1")->authority, "host:80");
  EXPECT_EQ(parse_target("/caf\xc3\xa9/%F0%9F%8D%A9/a.b/...")->path, "/caf\xc3\xa9/\xf0\x9f\x8d\xa9/a.b/...");
  EXPECT_EQ(parse_target("/?q=%2F%0A..")->query.front().second, "/\n..");
  EXPECT_EQ(parse_target("/?u=http://x/")->query.front().second, "http://x/");
}

TEST(HttpMessage, MalformedTargetsAreRefused) {
  for (const char* target : {"", "path", "*", "/%", "/%4", "/%zz", "/%00", "/?a=%", "/?%0g=1", "ftp://host/",
                             "http:/host", "http:///path", "http://user@host/", "http://a b/", "javascript:alert(1)"}) {
    EXPECT_FALSE(parse_target(target)) << target;
  }
}

TEST(HttpMessage, PathsThatOthersReadDifferentlyAreRefused) {
  for (const char* target : {"/a%2Fb", "/a%2fb", "/..", "/a/../b", "/./a", "/a/.", "/%2e%2e/a", "/.%2E", "/a%0d%0ab",
                             "/a%7f", "/%ff", "/%c3", "/%ed%a0%80", "/?q=%ff", "/%c0%ae%c0%ae/"}) {
    EXPECT_FALSE(parse_target(target)) << target;
  }
}

TEST(HttpMessage, HeaderNamesDoNotMindCase) {
  const Request request{.method = "GET", .headers = {{"content-TYPE", "a"}, {"Content-Type", "b"}}};
  EXPECT_EQ(request.header("Content-Type"), "a");
  EXPECT_EQ(request.header("Accept"), "");
}

TEST(HttpMessage, ListsAreReadByTheirItems) {
  EXPECT_TRUE(lists_token("text/plain, TEXT/html;q=0.9", "text/html"));
  EXPECT_TRUE(lists_token(" text/html ", "text/html"));
  EXPECT_FALSE(lists_token("text/html5, x-text/html", "text/html"));
  EXPECT_FALSE(lists_token("", "text/html"));
}

TEST(HttpMessage, AnErrorQuotesWhatItSays) {
  EXPECT_EQ(error_response(400, "say \"\\\" and \n").body, R"({"detail":"say \"\\\" and \u000a"})");
}

}  // namespace
}  // namespace topoforge::http
