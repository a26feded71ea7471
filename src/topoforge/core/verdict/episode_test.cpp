#include "topoforge/core/verdict/episode.hpp"

#include <gtest/gtest.h>

#include "topoforge/core/verdict/risk.hpp"

namespace topoforge {
namespace {

TEST(RiskLevel, ChangesAboveItsDocumentedBounds) {
  EXPECT_EQ(risk_level(0.0), RiskLevel::low);
  EXPECT_EQ(risk_level(0.2), RiskLevel::low);
  EXPECT_EQ(risk_level(0.21), RiskLevel::medium);
  EXPECT_EQ(risk_level(0.5), RiskLevel::medium);
  EXPECT_EQ(risk_level(0.51), RiskLevel::high);
  EXPECT_EQ(risk_level(0.8), RiskLevel::high);
  EXPECT_EQ(risk_level(0.81), RiskLevel::critical);
  EXPECT_EQ(to_string(RiskLevel::critical), "Critical");
}

TEST(EpisodeTracker, MakesOneIncidentOfManyAlarms) {
  EpisodeTracker tracker(3);
  EXPECT_EQ(tracker.update(0, 0.1, false), EpisodeChange::none);
  EXPECT_FALSE(tracker.current());
  EXPECT_EQ(tracker.update(1, 0.6, true), EpisodeChange::opened);
  EXPECT_EQ(tracker.update(2, 0.1, false), EpisodeChange::continued);
  EXPECT_EQ(tracker.update(3, 0.9, true), EpisodeChange::continued);
  EXPECT_EQ(tracker.update(4, 0.1, false), EpisodeChange::continued);
  EXPECT_EQ(tracker.update(5, 0.1, false), EpisodeChange::continued);
  EXPECT_EQ(tracker.update(6, 0.1, false), EpisodeChange::closed);
  const Episode expected{.start = 1, .peak = 3, .last_alarm = 3, .peak_score = 0.9, .alarms = 2, .open = false};
  EXPECT_EQ(tracker.current(), expected);
  EXPECT_EQ(tracker.update(7, 0.1, false), EpisodeChange::none);
  EXPECT_FALSE(tracker.current());
}

TEST(EpisodeTracker, OpensAnotherIncidentAfterTheQuiet) {
  EpisodeTracker tracker(1);
  EXPECT_EQ(tracker.update(1, 0.6, true), EpisodeChange::opened);
  EXPECT_EQ(tracker.update(2, 0.1, false), EpisodeChange::closed);
  EXPECT_EQ(tracker.update(3, 0.7, true), EpisodeChange::opened);
  EXPECT_EQ(tracker.current()->start, 3U);
}

}  // namespace
}  // namespace topoforge
