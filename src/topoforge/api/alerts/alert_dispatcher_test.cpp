#include "topoforge/api/alerts/alert_dispatcher.hpp"

#include <string>

#include <gtest/gtest.h>

#include "topoforge/api/alerts/alerting_test.hpp"
#include "topoforge/api/call_route_test.hpp"

namespace topoforge::api {
namespace {

using namespace std::chrono_literals;

class AlertDispatcherTest : public testing::Test, protected Alerting {
 protected:
  void SetUp() override { ASSERT_TRUE(dispatcher().load()); }
  AlertDispatcher& dispatcher() { return *dispatcher_; }
  /// As after a restart: what is in memory is gone.
  void restart() {
    dispatcher_ = make();
    ASSERT_TRUE(dispatcher().load());
  }
  void change(const std::function<void(AlertConfig&)>& how) {
    how(config);
    config = configs.replace(config).value();
    ASSERT_TRUE(run_task(dispatcher().reload()));
  }
  /// What the engine says of an event in an episode.
  LiveAnalysis live(std::uint64_t start, std::uint64_t sequence, double score = 0.9) {
    LiveAnalysis event;
    event.anomaly_id = std::to_string(++anomalies_);
    Analysis analysis;
    analysis.stream = {.source = source_, .entity = ""};
    analysis.sequence = sequence;
    analysis.anomaly_score = score;
    analysis.is_anomaly = true;
    analysis.episode = {.start = start, .peak = sequence, .last_alarm = sequence, .peak_score = score, .alarms = 1};
    analysis.episode_change = start == sequence ? EpisodeChange::opened : EpisodeChange::continued;
    event.outcome.push.analysis = analysis;
    return event;
  }
  /// How many deliveries there are after the event.
  std::size_t after(const LiveAnalysis& event) {
    std::vector<Alert> alerts;
    dispatcher().note(event, alerts);
    run_task(dispatcher().keep(std::move(alerts)));
    return deliveries.list({}).value().total;
  }

  std::string source_ = "s";

 private:
  std::unique_ptr<AlertDispatcher> make() {
    return std::make_unique<AlertDispatcher>(AlertDispatcher::Parts{.configs = configs,
                                                                    .deliveries = deliveries,
                                                                    .courier = *courier_,
                                                                    .storage_pool = storage_pool_,
                                                                    .clock = [this] { return now; }});
  }
  boost::asio::thread_pool storage_pool_{1};
  std::unique_ptr<Courier> courier_ = make_courier();
  std::unique_ptr<AlertDispatcher> dispatcher_ = make();
  int anomalies_ = 0;
};

TEST_F(AlertDispatcherTest, AnEpisodeIsToldOnce) {
  change([](AlertConfig& c) { c.cooldown_seconds = 0; });
  EXPECT_EQ(after(live(10, 10)), 1U);
  EXPECT_EQ(after(live(10, 11)), 1U);
  EXPECT_EQ(after(live(10, 12, 0.99)), 1U);
  EXPECT_EQ(after(live(50, 50)), 2U) << "the next episode";
}

TEST_F(AlertDispatcherTest, AnEpisodeIsToldWhenItReachesTheThreshold) {
  EXPECT_EQ(after(live(10, 10, 0.6)), 0U);
  EXPECT_EQ(after(live(10, 11, 0.8)), 1U);
}

TEST_F(AlertDispatcherTest, EventsThatComeOutOfOrderAreOfOneEpisode) {
  change([](AlertConfig& c) { c.cooldown_seconds = 0; });
  EXPECT_EQ(after(live(10, 12)), 1U);
  EXPECT_EQ(after(live(10, 10)), 1U) << "its beginning, told late";
  EXPECT_EQ(after(live(50, 50)), 2U);
  EXPECT_EQ(after(live(10, 13)), 2U) << "a straggler";
  EXPECT_EQ(after(live(50, 51)), 2U);
}

TEST_F(AlertDispatcherTest, AStreamThatBeginsAgainHasNewEpisodes) {
  change([](AlertConfig& c) { c.cooldown_seconds = 0; });
  EXPECT_EQ(after(live(10, 10)), 1U);
  EXPECT_EQ(after(live(10, 10)), 2U) << "its pipeline was let go, and counts from 0 again";
}

TEST_F(AlertDispatcherTest, CoolsDownForEachStream) {
  EXPECT_EQ(after(live(10, 10)), 1U);
  now += 299s;
  EXPECT_EQ(after(live(50, 50)), 1U);
  source_ = "other";
  EXPECT_EQ(after(live(50, 50)), 2U);
  source_ = "s";
  now += 1s;
  EXPECT_EQ(after(live(50, 51)), 3U) << "the episode goes on when the cool-down is over";
}

TEST_F(AlertDispatcherTest, ACoolDownOutlivesARestart) {
  EXPECT_EQ(after(live(10, 10)), 1U);
  restart();
  now += 100s;
  EXPECT_EQ(after(live(10, 10)), 1U);
  now += 200s;
  EXPECT_EQ(after(live(10, 11)), 2U);
}

TEST_F(AlertDispatcherTest, AClockThatJumpsBackEndsACoolDown) {
  EXPECT_EQ(after(live(10, 10)), 1U);
  now -= 48h;
  EXPECT_EQ(after(live(50, 50)), 2U);
}

TEST_F(AlertDispatcherTest, OnlySourcesThatWereChosenAreTold) {
  change([](AlertConfig& c) { c.sources = {"other"}; });
  EXPECT_EQ(after(live(10, 10)), 0U);
  source_ = "other";
  EXPECT_EQ(after(live(10, 10)), 1U);
}

TEST_F(AlertDispatcherTest, AnInactiveConfigurationIsSilent) {
  change([](AlertConfig& c) { c.active = false; });
  EXPECT_EQ(after(live(10, 10)), 0U);
}

TEST_F(AlertDispatcherTest, EachChannelIsOwedADelivery) {
  change([](AlertConfig& c) {
    c.channels.push_back({.id = "mail", .type = AlertChannelType::email, .target = "ada@example.com", .secret = {}});
  });
  EXPECT_EQ(after(live(10, 10)), 2U);
}

TEST_F(AlertDispatcherTest, WhatTheOutboxDoesNotTakeIsToldWhenItDoes) {
  deliveries.failing = true;
  EXPECT_EQ(after(live(10, 10)), 0U);
  run_task(dispatcher().retry());
  EXPECT_EQ(after(live(10, 11)), 0U);
  deliveries.failing = false;
  EXPECT_EQ(deliveries.list({})->total, 0U);
  run_task(dispatcher().retry());
  EXPECT_EQ(deliveries.list({})->total, 1U);
  run_task(dispatcher().retry());
  EXPECT_EQ(after(live(10, 12)), 1U) << "once";
}

TEST_F(AlertDispatcherTest, OfAConfigurationThatIsGoneNothingIsTold) {
  ASSERT_TRUE(run_task(dispatcher().forget_owner(user.id)));
  EXPECT_EQ(after(live(10, 10)), 0U);
  EXPECT_EQ(configs.list({}).value().total, 0U);
}

}  // namespace
}  // namespace topoforge::api
