#include "topoforge/codec/report/report_builder.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace topoforge {
namespace {

using testing::ElementsAre;

Analysis analysis(double score, bool anomaly, std::uint64_t episode_start, double p_value = 0.01) {
  Analysis result;
  result.anomaly_score = score;
  result.p_value = p_value;
  result.is_anomaly = anomaly;
  if (anomaly) result.episode = Episode{.start = episode_start, .peak_score = score};
  return result;
}

void offer(WorstWindows& worst, std::uint64_t row, const Analysis& found) {
  ReportWindow window;
  window.newest.row = row;
  window.analysis = found;
  const bool wanted = worst.wants(found);
  const auto rows = [&] {
    std::vector<std::uint64_t> result;
    for (const auto& held : worst.windows()) result.push_back(held.newest.row);
    return result;
  };
  const auto before = rows();
  worst.add(window);
  EXPECT_EQ(wanted, rows() != before) << "wants() must foretell what add() does, row " << row;
}

std::vector<std::uint64_t> rows_of(const WorstWindows& worst) {
  std::vector<std::uint64_t> rows;
  for (const auto& window : worst.windows()) rows.push_back(window.newest.row);
  return rows;
}

TEST(WorstWindows, WithoutAnAnomalyTheHighestScoreIsHeld) {
  WorstWindows worst;
  offer(worst, 1, analysis(0.1, false, 0));
  offer(worst, 2, analysis(0.3, false, 0));
  offer(worst, 3, analysis(0.2, false, 0));
  EXPECT_THAT(rows_of(worst), ElementsAre(2U));
}

TEST(WorstWindows, AnAnomalyTakesThePlaceOfWhatIsNone) {
  WorstWindows worst;
  offer(worst, 1, analysis(0.49, false, 0));
  offer(worst, 2, analysis(0.51, true, 2));
  offer(worst, 3, analysis(0.49, false, 0));
  EXPECT_THAT(rows_of(worst), ElementsAre(2U));
}

TEST(WorstWindows, EachEpisodeHasOneWindowItsWorst) {
  WorstWindows worst;
  offer(worst, 10, analysis(0.6, true, 10));
  offer(worst, 11, analysis(0.9, true, 10));
  offer(worst, 12, analysis(0.8, true, 10));
  offer(worst, 30, analysis(0.7, true, 30));
  EXPECT_THAT(rows_of(worst), ElementsAre(11U, 30U));
}

TEST(WorstWindows, EpisodesOfTwoStreamsAreTwo) {
  WorstWindows worst;
  Analysis other = analysis(0.6, true, 10);
  other.stream.source = "other";
  offer(worst, 10, analysis(0.6, true, 10));
  offer(worst, 11, other);
  EXPECT_THAT(rows_of(worst), ElementsAre(10U, 11U));
}

TEST(WorstWindows, OnlyTheWorstAreKeptAndEqualScoresGoByPValueThenByOrder) {
  WorstWindows worst;
  for (std::uint64_t i = 0; i < 10; ++i) offer(worst, i, analysis(0.6, true, i, i == 7 ? 0.001 : 0.01));
  EXPECT_THAT(rows_of(worst), ElementsAre(7U, 0U, 1U, 2U, 3U));
}

Event event(std::vector<Measurement> values) {
  Event result;
  result.values = std::move(values);
  return result;
}

TEST(ReportBuilder, GathersCountsSeriesAndPlaces) {
  ReportBuilder builder;
  const Analysis normal = analysis(0.1, false, 0);
  const Analysis alarm = analysis(0.8, true, 2);
  builder.add_row({.row = 0, .timestamp = "a"}, event({{"x", 1.0}, {"y", 2.0}}), nullptr);
  builder.add_row({.row = 1, .timestamp = "b"}, event({{"y", 4.0}, {"x", 3.0}}), &normal);
  builder.add_row({.row = 2, .timestamp = "c"}, event({{"y", 6.0}}), &alarm);
  const DetectionReport report = builder.report();
  EXPECT_EQ(report.rows, 3U);
  EXPECT_EQ(report.analyses, 2U);
  EXPECT_EQ(report.anomalies, 1U);
  EXPECT_EQ(report.first.timestamp, "a");
  EXPECT_EQ(report.last.timestamp, "c");
  EXPECT_EQ(report.score.buckets, (std::vector<SeriesBucket>{{}, {0.1, 0.1, 1}, {0.8, 0.8, 1}}));
  ASSERT_EQ(report.channels.size(), 2U);
  EXPECT_EQ(report.channels[0].name, "x");
  EXPECT_EQ(report.channels[0].series.buckets, (std::vector<SeriesBucket>{{1.0, 1.0, 1}, {3.0, 3.0, 1}}));
  EXPECT_EQ(report.channels[1].series.buckets.size(), 3U);
}

TEST(ReportBuilder, OfManyChannelsThoseThatMatterAreDrawn) {
  ReportBuilder builder;
  std::vector<Measurement> values;
  for (int i = 0; i < 200; ++i) values.push_back({"c" + std::to_string(i), 1.0});
  Analysis alarm = analysis(0.8, true, 0);
  alarm.attribution = {{.channel = "c150", .share = 0.9}, {.channel = "c7", .share = 0.1}};
  builder.add_row({.row = 0, .timestamp = ""}, event(values), &alarm);
  ReportWindow window;
  window.analysis = alarm;
  builder.add_window(window);
  const DetectionReport report = builder.report();
  ASSERT_EQ(report.channels.size(), kMaxReportChannels);
  EXPECT_EQ(report.channels[0].name, "c150");
  EXPECT_EQ(report.channels[1].name, "c7");
  EXPECT_EQ(report.channels[2].name, "c0");
  EXPECT_EQ(report.channels_left_out, 200 - kMaxReportChannels);
}

TEST(ReportBuilder, NamesOfChannelsBeyondTheBoundAreNotHeld) {
  ReportBuilder builder;
  for (std::uint64_t row = 0; row < kMaxChannels + 100; ++row) {
    builder.add_row({.row = row, .timestamp = ""}, event({{"c" + std::to_string(row), 1.0}}), nullptr);
  }
  const DetectionReport report = builder.report();
  EXPECT_EQ(report.channels.size() + report.channels_left_out, kMaxChannels);
}

}  // namespace
}  // namespace topoforge
