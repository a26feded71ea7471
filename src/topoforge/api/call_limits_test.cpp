#include "topoforge/api/call_limits.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace topoforge::api {
namespace {

using testing::Contains;
using testing::Pair;

class CallLimitsTest : public testing::Test {
 protected:
  static http::Request from(const std::string& peer) {
    http::Request request;
    request.peer = peer;
    return request;
  }
  bool may_call(const std::string& peer, const std::optional<Account>& account = std::nullopt) {
    return limits_.count(RateLimitClass::general, from(peer), account).has_value();
  }

  Timestamp now_{std::chrono::seconds(1'700'000'000)};
  CallLimits limits_{{.general = {.calls = 1, .period = std::chrono::minutes(1)},
                      .login = {.calls = 2, .period = std::chrono::minutes(15)}},
                     [this] { return now_; }};
};

TEST_F(CallLimitsTest, AddressesAndAccountsCountApart) {
  EXPECT_TRUE(may_call("192.0.2.1"));
  EXPECT_FALSE(may_call("192.0.2.1"));
  EXPECT_TRUE(may_call("192.0.2.2"));
  EXPECT_TRUE(may_call("192.0.2.1", Account{.user_id = "1", .username = "ada", .role = Role::viewer}));
  EXPECT_FALSE(may_call("192.0.2.9", Account{.user_id = "1", .username = "ada", .role = Role::viewer}));
}

TEST_F(CallLimitsTest, ANetworkOfIpv6CountsAsOneAddress) {
  EXPECT_TRUE(may_call("2001:db8:0:1::1"));
  EXPECT_FALSE(may_call("2001:db8:0:1:ffff::2"));
  EXPECT_TRUE(may_call("2001:db8:0:2::1"));
}

TEST_F(CallLimitsTest, ARefusalSaysWhenToTryAgain) {
  const auto allowed = limits_.count(RateLimitClass::general, from("192.0.2.1"), std::nullopt);
  ASSERT_TRUE(allowed);
  EXPECT_THAT(*allowed, Contains(Pair("X-RateLimit-Remaining", "0")));
  const auto refused = limits_.count(RateLimitClass::general, from("192.0.2.1"), std::nullopt);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().status, 429U);
  EXPECT_THAT(refused.error().headers, Contains(Pair("Retry-After", "60")));
}

TEST_F(CallLimitsTest, OfSignInsThoseThatFailCountForTheAccountAndTheAddress) {
  const http::Request request = from("192.0.2.1");
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(limits_.count_sign_in(request, "ada"));
    limits_.take_back_sign_in(request, "ada");
  }
  EXPECT_TRUE(limits_.count_sign_in(request, "ada"));
  EXPECT_TRUE(limits_.count_sign_in(request, "ada"));
  EXPECT_FALSE(limits_.count_sign_in(request, "ada"));
  EXPECT_TRUE(limits_.count_sign_in(request, "grace"));
  EXPECT_TRUE(limits_.count_sign_in(from("192.0.2.2"), "ada")) << "a stranger locks nobody out";
}

TEST_F(CallLimitsTest, AnAddressThatTriesManyAccountsIsRefused) {
  const http::Request request = from("192.0.2.1");
  for (std::size_t i = 0; i < 2 * CallLimits::kAccountsOfAnAddress; ++i)
    EXPECT_TRUE(limits_.count_sign_in(request, "account " + std::to_string(i)));
  EXPECT_FALSE(limits_.count_sign_in(request, "another"));
  limits_.take_back_sign_in(request, "account 0");
  EXPECT_TRUE(limits_.count_sign_in(request, "another")) << "what was refused did not count for the account";
  EXPECT_TRUE(limits_.count_sign_in(from("192.0.2.2"), "another"));
}

TEST_F(CallLimitsTest, MailsAndRegistrationsCountApart) {
  const http::Request request = from("192.0.2.1");
  for (const RateLimitClass limit : {RateLimitClass::registration, RateLimitClass::mail}) {
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(limits_.count(limit, request, std::nullopt));
    EXPECT_FALSE(limits_.count(limit, request, std::nullopt));
  }
}

}  // namespace
}  // namespace topoforge::api
