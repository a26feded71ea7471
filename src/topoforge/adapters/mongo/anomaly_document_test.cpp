#include "topoforge/adapters/mongo/anomaly_document.hpp"

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "topoforge/base/random.hpp"
#include "topoforge/codec/json/analysis_json.hpp"
#include "topoforge/codec/json/json_text.hpp"
#include "topoforge/core/pipeline/pipeline.hpp"

namespace topoforge::mongo {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr Timestamp kNow{1'700'000'000'123'456us};
const std::string kId = "000000000000002a";

/// What a pipeline with the documented defaults says of a stream of one channel that leaves its normal range.
std::vector<NewAnomaly> detected() {
  Pipeline pipeline{PipelineOptions{}};
  Random random(7);
  std::vector<NewAnomaly> anomalies;
  for (int i = 0; i < 600; ++i) {
    const double normal = std::sin(0.2 * i) + 0.05 * random.normal();
    Event event;
    event.stream.source = "sensor-7";
    event.timestamp = Timestamp{std::chrono::seconds{1'700'000'000 + i}};
    event.values = {{"value", i % 200 > 150 && i > 200 ? normal + 4.0 * random.normal() : normal}};
    const auto outcome = pipeline.push(event);
    EXPECT_TRUE(outcome);
    if (outcome->analysis && outcome->analysis->is_anomaly) anomalies.push_back({*outcome->analysis, event});
  }
  return anomalies;
}

std::string without_landscape(Analysis analysis) {
  analysis.topology.landscape_x.clear();
  analysis.topology.landscape_y.clear();
  return print_json(analysis_to_json(analysis));
}

TEST(AnomalyDocument, GivesBackAllButTheLandscape) {
  const auto anomalies = detected();
  ASSERT_GT(anomalies.size(), 10U);
  for (const NewAnomaly& anomaly : anomalies) {
    const auto document = document_of(kId, anomaly, kNow);
    ASSERT_TRUE(document) << document.error().message;
    const auto read = anomaly_of(*document);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->id, kId);
    EXPECT_EQ(read->stored_at, kNow);
    EXPECT_EQ(read->time, *anomaly.analysis.timestamp);
    EXPECT_EQ(read->event, anomaly.event);
    EXPECT_EQ(without_landscape(read->analysis), without_landscape(anomaly.analysis));
  }
}

TEST(AnomalyDocument, OfOneChannelHasAboutFiveHundredBytes) {
  const auto anomalies = detected();
  ASSERT_GT(anomalies.size(), 10U);
  std::size_t bytes = 0;
  for (const NewAnomaly& anomaly : anomalies) bytes += document_of(kId, anomaly, kNow)->size_bytes();
  const std::size_t mean = bytes / anomalies.size();
  RecordProperty("mean_bytes", static_cast<int>(mean));
  EXPECT_GT(mean, 300U);
  EXPECT_LT(mean, 600U);
}

TEST(AnomalyDocument, KeepsWhatDiffersFromWhatFollows) {
  NewAnomaly anomaly;
  Analysis& analysis = anomaly.analysis;
  analysis.stream = {"web", "host"};
  analysis.anomaly_score = 0.25;
  analysis.risk_level = RiskLevel::critical;
  analysis.sequence = std::uint64_t{1} << 40;
  analysis.contributions = {{.detector = "of its own", .share = 0.5, .p_value = 0.25}};
  analysis.attribution = {{.channel = "cpu", .share = 1.0, .value = 2.0, .expected = 3.0, .deviation = -1.0},
                          {.channel = "net", .share = 0.0, .value = 8.0, .expected = 9.0, .deviation = 20.0}};
  analysis.episode = Episode{.start = 1, .peak = 2, .last_alarm = 3, .peak_score = 0.5, .alarms = 4, .open = false};
  analysis.episode_change = EpisodeChange::closed;
  analysis.security = {.risk_level = RiskLevel::low, .confidence = 0.125, .threats = {}, .mitigation = "of its own"};
  analysis.security.threats.push_back({.technique_id = "T1071",
                                       .technique = "renamed",
                                       .tactic_id = "TA0099",
                                       .tactic = "",
                                       .confidence = 0.75,
                                       .evidence = "seen",
                                       .mitigation = "none"});
  analysis.security.threats.emplace_back().technique_id = "T9999";
  analysis.explanation = "";
  anomaly.event = Event{.stream = {"other", ""},
                        .timestamp = kNow - 1us,
                        .values = {{"cpu", 2.0}, {"a.dotted$name", -0.5}},
                        .attributes = {{"$gt", ""}, {"a.b", "c"}},
                        .id = "e1"};
  anomaly.origin = AnomalyOrigin::manual;
  anomaly.created_by = "ada";
  const auto document = document_of(kId, anomaly, kNow);
  ASSERT_TRUE(document);
  const auto read = anomaly_of(*document);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(without_landscape(read->analysis), without_landscape(analysis));
  EXPECT_EQ(read->event, anomaly.event);
  EXPECT_EQ(read->origin, AnomalyOrigin::manual);
  EXPECT_EQ(read->created_by, "ada");
  EXPECT_EQ(read->time, kNow);
}

TEST(AnomalyDocument, TimesBefore1970AreExact) {
  for (const auto time : {-1us, -999us, -1000us, -1001us, 1us, 999us}) {
    NewAnomaly anomaly;
    anomaly.analysis.timestamp = Timestamp{time};
    const auto read = anomaly_of(*document_of(kId, anomaly, kNow));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->time, Timestamp{time});
    EXPECT_EQ(read->analysis.timestamp, Timestamp{time});
  }
}

TEST(AnomalyDocument, OneThatIsDamagedIsNamed) {
  Document document = *document_of(kId, detected().front(), kNow);
  EXPECT_TRUE(anomaly_of(document));
  Document wrong;
  for (const Element& element : elements_of(document)) {
    if (element.key() == kTime.date) wrong.date(kTime.date, kNow);
  }
  wrong.text("_id", kId).text(kScore, "high");
  const auto read = anomaly_of(wrong);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::corrupt);
  EXPECT_THAT(read.error().message, testing::AllOf(HasSubstr(kId), HasSubstr(kScore)));
  const auto empty = anomaly_of(Document());
  ASSERT_FALSE(empty);
  EXPECT_THAT(empty.error().message, HasSubstr("timestamp"));
}

}  // namespace
}  // namespace topoforge::mongo
