#include "topoforge/api/rate_limiter.hpp"

#include <deque>
#include <map>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "topoforge/base/random.hpp"

namespace topoforge::api {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

Timestamp at(std::chrono::microseconds time) { return Timestamp{1'700'000'000s + time}; }

TEST(RateLimiter, AllowsSoManyAndSaysWhenTheNextMayCome) {
  RateLimiter limiter({.calls = 3, .period = 60s});
  EXPECT_EQ(limiter.count("a", at(0s)).remaining, 2U);
  EXPECT_EQ(limiter.count("a", at(10s)).remaining, 1U);
  EXPECT_EQ(limiter.count("a", at(20s)).remaining, 0U);
  const RateDecision refused = limiter.count("a", at(20500ms));
  EXPECT_FALSE(refused.allowed);
  EXPECT_EQ(refused.limit, 3U);
  EXPECT_EQ(refused.retry_after, 40s);
  EXPECT_EQ(refused.reset_after, 60s);
  EXPECT_FALSE(limiter.count("a", at(59s)).allowed);
  EXPECT_TRUE(limiter.count("a", at(60s)).allowed) << "the call at 0 s is a whole period ago";
  EXPECT_FALSE(limiter.count("a", at(61s)).allowed);
}

TEST(RateLimiter, KeysHaveNothingToDoWithEachOther) {
  RateLimiter limiter({.calls = 1, .period = 60s});
  EXPECT_TRUE(limiter.count("a", at(0s)).allowed);
  EXPECT_TRUE(limiter.count("b", at(0s)).allowed);
  EXPECT_FALSE(limiter.count("a", at(1s)).allowed);
}

TEST(RateLimiter, ACallThatIsTakenBackDoesNotCount) {
  RateLimiter limiter({.calls = 1, .period = 60s});
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(limiter.count("a", at(0s)).allowed);
    limiter.take_back("a");
  }
  EXPECT_EQ(limiter.keys(), 0U);
  limiter.take_back("never counted");
  limiter.count("a", at(0s));
  EXPECT_FALSE(limiter.count("a", at(0s)).allowed);
}

TEST(RateLimiter, AClockThatJumpsBackGivesNoCallsBack) {
  RateLimiter limiter({.calls = 1, .period = 60s});
  EXPECT_TRUE(limiter.count("a", at(1000s)).allowed);
  EXPECT_FALSE(limiter.count("a", at(0s)).allowed);
  EXPECT_FALSE(limiter.count("a", at(1059s)).allowed);
  EXPECT_TRUE(limiter.count("a", at(1060s)).allowed);
}

TEST(RateLimiter, MemoryIsBoundedAndTheQuietestKeyIsForgotten) {
  RateLimiter limiter({.calls = 10, .period = 60s}, 100);
  for (int i = 0; i < 1000; ++i) {
    limiter.count("key" + std::to_string(i), at(0s));
    limiter.count("busy", at(0s));
    EXPECT_LE(limiter.keys(), 100U);
  }
  EXPECT_FALSE(limiter.count("busy", at(0s)).allowed);
  EXPECT_EQ(limiter.count("key0", at(0s)).remaining, 9U);
}

TEST(RateLimiter, NeverMoreThanTheLimitInAnyPeriod) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    Random random(seed);
    const std::size_t calls = 1 + random.below(6);
    RateLimiter limiter({.calls = calls, .period = 10s});
    std::map<std::string, std::deque<Timestamp>> allowed;
    Timestamp now = at(0s);
    for (int i = 0; i < 2000; ++i) {
      now += std::chrono::milliseconds(random.below(2000));
      const std::string key(1, static_cast<char>('a' + random.below(3)));
      std::deque<Timestamp>& moments = allowed[key];
      while (!moments.empty() && moments.front() + 10s <= now) moments.pop_front();
      const bool expected = moments.size() < calls;
      ASSERT_EQ(limiter.count(key, now).allowed, expected);
      if (expected) moments.push_back(now);
    }
  }
}

TEST(RateLimit, IsReadAsPeopleWriteIt) {
  EXPECT_EQ(parse_rate_limit("100/minute"), (RateLimit{.calls = 100, .period = 60s}));
  EXPECT_EQ(parse_rate_limit("5/15minutes"), (RateLimit{.calls = 5, .period = 900s}));
  EXPECT_EQ(parse_rate_limit("3/hour"), (RateLimit{.calls = 3, .period = 3600s}));
  EXPECT_EQ(parse_rate_limit("1/day"), (RateLimit{.calls = 1, .period = 86'400s}));
  for (const char* const text : {"", "5", "5/", "/minute", "0/minute", "5/0minutes", "5/fortnight", "-1/minute",
                                 "5/2days", "1e9/second", "200000/second", "5 /minute", "5/minute "}) {
    const auto limit = parse_rate_limit(text);
    ASSERT_FALSE(limit) << text;
    EXPECT_THAT(limit.error().message, HasSubstr("such as 100/minute"));
  }
}

}  // namespace
}  // namespace topoforge::api
