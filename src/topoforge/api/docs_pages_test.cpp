#include "topoforge/api/docs_pages.hpp"

#include <algorithm>
#include <regex>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "topoforge/api/call_route_test.hpp"
#include "topoforge/api/embedded_file.hpp"

namespace topoforge::api {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

class DocsPages : public testing::Test {
 protected:
  DocsPages() { add_docs_pages(router_); }

  http::Response get(const std::string& path, const http::Fields& headers = {}) {
    return call_route(router_, {.method = "GET", .path = path, .headers = headers});
  }

  static std::string header(const http::Response& response, std::string_view name) {
    const auto found = std::find_if(response.headers.begin(), response.headers.end(),
                                    [name](const auto& field) { return field.first == name; });
    return found == response.headers.end() ? "" : found->second;
  }

  http::Router router_;
};

TEST_F(DocsPages, AnswerOnlyInABuildThatHasThem) {
  const unsigned expected = docs_files().empty() ? 404 : 200;
  for (const auto* const path : {"/docs", "/docs/", "/redoc", "/redoc/"}) {
    EXPECT_EQ(get(path).status, expected) << path;
  }
  EXPECT_EQ(get("/docs/nothing.js").status, 404U);
}

TEST_F(DocsPages, RunNoScriptBesideTheirOwn) {
  if (docs_files().empty()) GTEST_SKIP() << "built with TOPOFORGE_API_DOCS=OFF";
  for (const auto* const path : {"/docs", "/redoc"}) {
    const http::Response page = get(path);
    EXPECT_EQ(page.content_type, "text/html; charset=utf-8");
    const std::string policy = header(page, "Content-Security-Policy");
    EXPECT_THAT(policy, HasSubstr("default-src 'none'; script-src 'self';"));
    EXPECT_THAT(policy, Not(HasSubstr("unsafe-eval")));
    EXPECT_THAT(page.body, Not(HasSubstr("<script>")));
  }
}

TEST_F(DocsPages, LoadNothingThatIsNotServed) {
  if (docs_files().empty()) GTEST_SKIP() << "built with TOPOFORGE_API_DOCS=OFF";
  for (const std::string page : {"/docs", "/redoc"}) {
    const std::string html = get(page).body;
    const std::regex loaded(R"re((?:src|rel="stylesheet" href)="([^"]+)")re");
    std::size_t count = 0;
    for (std::sregex_iterator match(html.begin(), html.end(), loaded), end; match != end; ++match, ++count) {
      const std::string path = (*match)[1];
      const http::Response file = get(path);
      EXPECT_EQ(file.status, 200U) << path;
      EXPECT_EQ(file.content_type,
                path.ends_with(".css") ? "text/css; charset=utf-8" : "text/javascript; charset=utf-8");
    }
    EXPECT_GE(count, 3U) << page;
  }
}

TEST_F(DocsPages, AreSentAgainOnlyWhenTheyChanged) {
  for (const EmbeddedFile& file : docs_files()) {
    const std::string path(file.path);
    const http::Response first = get(path);
    EXPECT_EQ(first.status, 200U);
    EXPECT_EQ(first.body, file.content);
    EXPECT_THAT(first.headers, Contains(Pair("Cache-Control", "no-cache")));
    const std::string tag = header(first, "ETag");
    for (const std::string& known : {tag, "\"other\", W/" + tag, std::string("*")}) {
      const http::Response again = get(path, {{"If-None-Match", known}});
      EXPECT_EQ(again.status, 304U) << path << ' ' << known;
      EXPECT_EQ(again.body, "");
      EXPECT_EQ(header(again, "ETag"), tag);
    }
    EXPECT_EQ(get(path, {{"If-None-Match", "\"other\""}}).status, 200U);
  }
}

}  // namespace
}  // namespace topoforge::api
