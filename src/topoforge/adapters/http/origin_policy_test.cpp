#include "topoforge/adapters/http/origin_policy.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace topoforge::http {
namespace {

Request from(const std::string& origin) {
  Request request;
  request.method = "GET";
  request.headers = {{"Host", "127.0.0.1:8000"}};
  if (!origin.empty()) request.headers.emplace_back("Origin", origin);
  return request;
}

TEST(OriginPolicy, BeginsWithTheServersOwnPages) {
  const OriginPolicy policy;
  EXPECT_TRUE(policy.allows(from(""))) << "a program that is no browser";
  EXPECT_TRUE(policy.allows(from("http://127.0.0.1:8000")));
  for (const char* origin : {"http://127.0.0.1:8001", "http://localhost:8000", "https://evil.example", "null",
                             "http://127.0.0.1:8000.evil.example", "127.0.0.1:8000"}) {
    EXPECT_FALSE(policy.allows(from(origin))) << origin;
  }
}

TEST(OriginPolicy, AddsTheListedOnes) {
  const auto policy = OriginPolicy::parse(" https://app.example ,,http://localhost:5173/");
  ASSERT_TRUE(policy);
  EXPECT_TRUE(policy->allows(from("https://APP.example")));
  EXPECT_TRUE(policy->allows(from("http://localhost:5173")));
  EXPECT_FALSE(policy->allows(from("http://app.example")));
  EXPECT_TRUE(OriginPolicy::parse("*")->allows(from("https://anything.example")));
}

TEST(OriginPolicy, WhatIsNoOriginIsNamed) {
  for (const char* list : {"app.example", "https://", "://x", "https://a/b"}) {
    const auto policy = OriginPolicy::parse(list);
    ASSERT_FALSE(policy) << list;
    EXPECT_THAT(policy.error().message, testing::HasSubstr(list));
  }
}

}  // namespace
}  // namespace topoforge::http
