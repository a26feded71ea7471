#include "topoforge/api/alerts/courier.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "topoforge/api/alerts/alerting_test.hpp"

namespace topoforge::api {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Pair;
using testing::SizeIs;

class CourierTest : public testing::Test, protected Alerting {
 protected:
  /// Sends what is owed, as far as it is due, and ends.
  std::vector<WebPost> run(std::size_t wanted) {
    courier_ = make_courier();
    EXPECT_TRUE(courier_->start());
    auto seen = web.inbox.wait_for(wanted);
    courier_->stop();
    return seen;
  }
  void wait_until_settled(const Delivery& delivery) {
    for (int i = 0; i < 2000 && stored(delivery).state == DeliveryState::pending; ++i) {
      std::this_thread::sleep_for(10ms);
    }
  }

  std::unique_ptr<Courier> courier_ = make_courier();
};

TEST(Courier, PausesDoubleUpToAQuarterOfAnHour) {
  EXPECT_EQ(pause_after(1), 5s);
  EXPECT_EQ(pause_after(2), 10s);
  EXPECT_EQ(pause_after(8), 640s);
  EXPECT_EQ(pause_after(9), 900s);
  EXPECT_EQ(pause_after(4'000'000'000U), 900s);
}

TEST_F(CourierTest, SendsWhatIsOwedAndRecordsIt) {
  const Delivery owed = owe("a", now);
  const auto seen = run(1);
  ASSERT_THAT(seen, SizeIs(1));
  EXPECT_EQ(seen[0].url, "https://e.example/h");
  EXPECT_THAT(seen[0].headers, testing::Contains(Pair("X-TopoForge-Timestamp", "1700000000")));
  EXPECT_THAT(seen[0].headers,
              testing::Contains(Pair("X-TopoForge-Signature", "sha256=key(1700000000." + seen[0].body + ")")));
  EXPECT_EQ(stored(owed).state, DeliveryState::sent);
  EXPECT_EQ(stored(owed).sent_at, now);
  EXPECT_EQ(stored(owed).expires_at, now + kKeptFinished);
}

TEST_F(CourierTest, WhatWasSentIsNotSentAgain) {
  owe("a", now);
  EXPECT_THAT(run(1), SizeIs(1));
  const Delivery second = owe("b", now);
  const auto seen = run(2);
  ASSERT_THAT(seen, SizeIs(2));
  EXPECT_THAT(seen[1].body, HasSubstr(R"("source":"b")"));
  EXPECT_EQ(stored(second).state, DeliveryState::sent);
}

TEST_F(CourierTest, WhatFailsWaitsWithTheSameIdAndWithJitter) {
  const Delivery owed = owe("a", now);
  web.answer = [](const WebPost&) { return 503U; };
  ASSERT_THAT(run(1), SizeIs(1));
  const Delivery waits = stored(owed);
  EXPECT_EQ(waits.state, DeliveryState::pending);
  EXPECT_EQ(waits.attempts, 1U);
  EXPECT_THAT(waits.last_error, HasSubstr("503"));
  EXPECT_GE(waits.next_attempt_at, now + 4s);
  EXPECT_LE(waits.next_attempt_at, now + 6s);
  EXPECT_EQ(waits.expires_at, kNeverExpires);
  now += 6s;
  web.answer = [](const WebPost&) { return 204U; };
  const auto seen = run(2);
  ASSERT_THAT(seen, SizeIs(2));
  EXPECT_EQ(stored(owed).state, DeliveryState::sent);
  EXPECT_EQ(seen[0].headers[1], seen[1].headers[1]) << "X-TopoForge-Delivery";
}

TEST_F(CourierTest, GivesUpWhatTheReceiverRefusesForGood) {
  std::size_t posts = 0;
  for (const unsigned status : {301U, 400U, 404U, 410U}) {
    const Delivery owed = owe(std::to_string(status), now);
    web.answer = [status](const WebPost&) { return status; };
    run(++posts);
    EXPECT_EQ(stored(owed).state, DeliveryState::failed) << status;
  }
  for (const unsigned status : {408U, 429U, 500U, 502U}) {
    const Delivery owed = owe(std::to_string(status), now);
    web.answer = [status](const WebPost&) { return status; };
    run(++posts);
    EXPECT_EQ(stored(owed).state, DeliveryState::pending) << status;
  }
}

TEST_F(CourierTest, GivesUpAfterADay) {
  const Delivery old = owe("a", now - 24h);
  web.answer = [](const WebPost&) -> Result<unsigned> { return fail(ErrorCode::unavailable, "no route"); };
  run(1);
  EXPECT_EQ(stored(old).state, DeliveryState::failed);
  EXPECT_EQ(stored(old).last_error, "no route");
}

TEST_F(CourierTest, SendsNothingForAConfigurationThatIsInactiveOrGone) {
  const Delivery owed = owe("a", now);
  config.active = false;
  config = configs.replace(config).value();
  owe("b", now);
  ASSERT_TRUE(courier_->start());
  wait_until_settled(owed);
  courier_->stop();
  EXPECT_EQ(stored(owed).state, DeliveryState::failed);
  EXPECT_THAT(stored(owed).last_error, HasSubstr("not active"));
  EXPECT_THAT(web.inbox.wait_for(0), SizeIs(0));
}

TEST_F(CourierTest, SendsNothingForAnAccountThatMayNotSignIn) {
  const Delivery owed = owe("a", now);
  user.is_active = false;
  ASSERT_TRUE(users.replace(user));
  ASSERT_TRUE(courier_->start());
  wait_until_settled(owed);
  courier_->stop();
  EXPECT_THAT(stored(owed).last_error, HasSubstr("may not sign in"));
  EXPECT_THAT(web.inbox.wait_for(0), SizeIs(0));
}

TEST_F(CourierTest, ASlowReceiverHoldsUpItsOwnerAlone) {
  User other;
  other.username_key = "grace";
  other.email_key = "grace@example.com";
  other = users.insert(other).value();
  AlertConfig theirs = config;
  theirs.user_id = other.id;
  theirs.channels[0].target = "https://quick.example/h";
  theirs = configs.insert(theirs).value();
  std::mutex gate;
  gate.lock();
  web.answer = [&gate](const WebPost& request) {
    if (request.url.starts_with("https://e.example")) const std::lock_guard wait(gate);
    return 200U;
  };
  for (int i = 0; i < 10; ++i) owe("slow" + std::to_string(i), now - 1s);
  Delivery quick = owe("quick", now);
  quick.config_id = theirs.id;
  quick.user_id = other.id;
  quick = deliveries.replace(quick).value();
  ASSERT_TRUE(courier_->start());
  EXPECT_THAT(web.inbox.wait_for(2), SizeIs(2)) << "one of the slow ones, and the quick one";
  wait_until_settled(quick);
  EXPECT_EQ(stored(quick).state, DeliveryState::sent);
  gate.unlock();
  EXPECT_THAT(web.inbox.wait_for(11), SizeIs(11));
  courier_->stop();
}

TEST_F(CourierTest, MailsToAccountsAreSentWithAnIdAndNeverStored) {
  ASSERT_TRUE(courier_->start());
  ASSERT_TRUE(courier_->post({.to = "ada@example.com", .subject = "s", .text = "token"}));
  const auto mails = mail.inbox.wait_for(1);
  courier_->stop();
  ASSERT_THAT(mails, SizeIs(1));
  EXPECT_EQ(mails[0].id, "id1");
  EXPECT_EQ(deliveries.list({}).value().total, 0U);
}

TEST_F(CourierTest, RefusesMailsBeyondItsBound) {
  for (std::size_t i = 0; i < kMaxWaitingMails; ++i) {
    ASSERT_TRUE(courier_->post({.to = "ada@example.com", .subject = "s", .text = "t"}));
  }
  const auto refused = courier_->post({.to = "ada@example.com", .subject = "s", .text = "t"});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("1000 mails wait"));
}

}  // namespace
}  // namespace topoforge::api
