#include "topoforge/adapters/http/origin_policy.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace topoforge::http {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Key;
using testing::Not;
using testing::Pair;

Request from(const std::string& origin, const std::string& method = "POST",
             const std::string& host = "127.0.0.1:8000") {
  Request request{.method = method, .headers = {{"Host", host}}, .over_loopback = true};
  if (!origin.empty()) request.headers.emplace_back("Origin", origin);
  return request;
}

constexpr const char* kForeign[] = {"https://evil.example",
                                    "null",
                                    "http://127.0.0.1:8000.evil.example",
                                    "http://localhost.evil.example",
                                    "http://evil.example/localhost",
                                    "http://evillocalhost",
                                    "http://128.0.0.1",
                                    "http://[::2]",
                                    "127.0.0.1:8000",
                                    "://127.0.0.1:8000",
                                    "file://"};

TEST(OriginPolicy, WhatIsOpenIsForPagesOfThisMachine) {
  const OriginPolicy policy;
  EXPECT_TRUE(policy.allows(from(""), Pages::trusted)) << "a program that is no browser";
  for (const char* origin :
       {"http://127.0.0.1:8000", "http://127.0.0.1:8001", "http://localhost:5173", "https://LOCALHOST",
        "http://app.localhost:3000", "http://[::1]:5173", "http://127.1.2.3"}) {
    EXPECT_TRUE(policy.allows(from(origin), Pages::trusted)) << origin;
  }
  for (const char* origin : kForeign) {
    EXPECT_FALSE(policy.allows(from(origin), Pages::trusted)) << origin;
    EXPECT_FALSE(policy.allows(from(origin, "GET"), Pages::trusted)) << origin;
  }
}

TEST(OriginPolicy, WhatNeedsASecretIsForEveryPage) {
  const OriginPolicy policy;
  for (const char* origin : kForeign) EXPECT_TRUE(policy.allows(from(origin), Pages::any)) << origin;
  Response response;
  policy.decorate(from("https://app.example"), Pages::any, response);
  EXPECT_THAT(response.headers, Contains(Pair("Access-Control-Allow-Origin", "*")));
  EXPECT_THAT(response.headers, Contains(Pair("Access-Control-Expose-Headers", HasSubstr("X-Request-ID"))));
  EXPECT_THAT(response.headers, Not(Contains(Key("Access-Control-Allow-Credentials"))));
}

TEST(OriginPolicy, TheServersHostMayHaveItsPagesAtAnotherPort) {
  const OriginPolicy policy;
  Request request = from("http://192.0.2.7:5173", "POST", "192.0.2.7:8000");
  request.over_loopback = false;
  EXPECT_TRUE(policy.allows(request, Pages::trusted));
  EXPECT_FALSE(OriginPolicy::parse("https://app.example")->allows(request, Pages::trusted)) << "unless there is a list";
}

TEST(OriginPolicy, ANameThatIsPointedAtThisMachineIsNotItsOwn) {
  const OriginPolicy policy;
  EXPECT_FALSE(policy.allows(from("http://evil.example:8000", "POST", "evil.example:8000"), Pages::trusted));
  EXPECT_FALSE(policy.allows(from("", "GET", "evil.example:8000"), Pages::trusted)) << "no Origin of one's own server";
  EXPECT_TRUE(policy.allows(from("", "GET", "evil.example:8000"), Pages::any));
  EXPECT_TRUE(policy.allows(from("", "POST", "api.example"), Pages::trusted)) << "a program behind a proxy";
  for (const char* host : {"localhost:8000", "[::1]:8000", "192.0.2.7:8000", "mybox:8000", "a.localhost", ""}) {
    EXPECT_TRUE(policy.allows(from("", "GET", host), Pages::trusted)) << host;
  }
  Request remote = from("http://tool.example:8000", "POST", "tool.example:8000");
  remote.over_loopback = false;
  EXPECT_TRUE(policy.allows(remote, Pages::trusted)) << "the server's own name, from another machine";
  EXPECT_TRUE(OriginPolicy::parse("https://api.example")->allows(from("", "GET", "api.example"), Pages::trusted));
}

TEST(OriginPolicy, AListSaysWhoMay) {
  const auto policy = OriginPolicy::parse(" https://app.example ,,http://localhost:5173/");
  ASSERT_TRUE(policy);
  for (const Pages pages : {Pages::any, Pages::trusted}) {
    EXPECT_TRUE(policy->allows(from("https://APP.example"), pages));
    EXPECT_TRUE(policy->allows(from("http://localhost:5173"), pages));
    EXPECT_TRUE(policy->allows(from("http://127.0.0.1:8000"), pages)) << "the server's own";
    EXPECT_FALSE(policy->allows(from("http://app.example"), pages));
    EXPECT_FALSE(policy->allows(from("http://localhost:5174"), pages));
  }
  Response response;
  policy->decorate(from("http://app.example", "GET"), Pages::any, response);
  EXPECT_THAT(response.headers, testing::ElementsAre(Pair("Vary", "Origin")));
  policy->decorate(from("https://app.example", "GET"), Pages::any, response);
  EXPECT_THAT(response.headers, Contains(Pair("Access-Control-Allow-Origin", "https://app.example")));
}

TEST(OriginPolicy, AStarThatIsWrittenIsForEverything) {
  const auto policy = OriginPolicy::parse("*");
  for (const char* origin : kForeign) EXPECT_TRUE(policy->allows(from(origin), Pages::trusted)) << origin;
  EXPECT_TRUE(policy->allows(from("http://evil.example", "GET", "evil.example"), Pages::trusted));
}

Request preflight_from(const std::string& origin, const std::string& method) {
  Request request = from(origin, "OPTIONS");
  request.headers.emplace_back("Access-Control-Request-Method", method);
  request.headers.emplace_back("Access-Control-Request-Headers", "authorization,x-evil");
  return request;
}

TEST(OriginPolicy, ABrowserThatAsksIsToldWhatItMaySend) {
  const OriginPolicy policy;
  const Request request = preflight_from("https://app.example", "DELETE");
  ASSERT_TRUE(OriginPolicy::is_preflight(request));
  const Response response = policy.preflight(request, Pages::any, "DELETE, GET, HEAD");
  EXPECT_EQ(response.status, 204U);
  EXPECT_THAT(response.headers, Contains(Pair("Access-Control-Allow-Methods", "DELETE, GET, HEAD")));
  EXPECT_THAT(response.headers, Contains(Pair("Access-Control-Allow-Headers",
                                              "Authorization, Content-Type, Last-Event-ID, X-Request-ID")));
  EXPECT_THAT(response.headers, Contains(Pair("Access-Control-Max-Age", "600")));
  const Response refused = policy.preflight(request, Pages::trusted, "DELETE");
  EXPECT_EQ(refused.status, 403U);
  EXPECT_THAT(refused.body, HasSubstr("https://app.example"));
  EXPECT_THAT(refused.body, HasSubstr("CORS_ORIGINS"));
  EXPECT_EQ(policy.preflight(preflight_from("http://localhost:5173", "POST"), Pages::trusted, "POST").status, 204U);
  EXPECT_EQ(OriginPolicy::parse("https://b.example")
                ->preflight(preflight_from("https://a.example", "GET"), Pages::any, "GET")
                .status,
            403U);
}

TEST(OriginPolicy, WhatIsNoOriginIsNamed) {
  for (const char* list : {"app.example", "https://", "://x", "https://a/b"}) {
    const auto policy = OriginPolicy::parse(list);
    ASSERT_FALSE(policy) << list;
    EXPECT_THAT(policy.error().message, HasSubstr(list));
  }
}

}  // namespace
}  // namespace topoforge::http
