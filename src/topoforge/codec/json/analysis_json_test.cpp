#include "topoforge/codec/json/analysis_json.hpp"

#include <chrono>
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "topoforge/codec/json/json_text.hpp"
#include "topoforge/codec/model/write_model.hpp"

namespace topoforge {
namespace {

Analysis example() {
  Analysis analysis;
  analysis.sequence = 123;
  analysis.stream = {"web", "host-1"};
  analysis.timestamp = Timestamp{std::chrono::microseconds{1'700'000'000'123'456}};
  analysis.window_size = 50;
  analysis.anomaly_score = 0.75;
  analysis.p_value = 1e-4;
  analysis.confidence = 0.6;
  analysis.is_anomaly = true;
  analysis.risk_level = RiskLevel::high;
  analysis.betti_numbers = {3, 1, 0};
  analysis.topology = {.entropy = 2.5, .total_lifetime = 7.25, .landscape_x = {0.0, 0.5}, .landscape_y = {0.0, 0.25}};
  analysis.contributions = {{"topology", 0.5, 1e-3}, {"isolation_forest", 0.25, 0.1}, {"autoencoder", 0.25, 1e-9}};
  analysis.attribution = {{"cpu", 0.9, 3.0, 1.0, 4.5}, {"net", 0.1, 2.0, 2.0, 0.0}};
  analysis.episode =
      Episode{.start = 100, .peak = 120, .last_alarm = 123, .peak_score = 0.9, .alarms = 7, .open = true};
  analysis.episode_change = EpisodeChange::continued;
  analysis.security = {
      .risk_level = RiskLevel::high,
      .confidence = 0.7,
      .threats = {{"T1071", "Application Layer Protocol", "TA0011", "Command and Control", 0.7, "8 loops", "inspect"}},
      .mitigation = "inspect"};
  analysis.explanation = "cpu ran round a loop";
  return analysis;
}

TEST(AnalysisJson, HasTheDocumentedMembers) {
  const auto json = analysis_to_json(example());
  EXPECT_EQ(print_json(json.at("betti_numbers")), R"({"h0":3,"h1":1,"h2":0})");
  EXPECT_EQ(json.at("anomaly_score").as_double(), 0.75);
  EXPECT_TRUE(json.at("is_anomaly").as_bool());
  EXPECT_EQ(json.at("window_size").to_number<int>(), 50);
  EXPECT_EQ(json.at("timestamp").as_string(), "2023-11-14T22:13:20.123456Z");
  EXPECT_EQ(print_json(json.at("topology_features").at("landscape").at("y")), "[0,0.25]");
  EXPECT_EQ(json.at("security_analysis").at("risk_level").as_string(), "High");
  const auto& threat = json.at("security_analysis").at("threats").as_array().at(0);
  EXPECT_EQ(threat.at("technique_id").as_string(), "T1071");
  EXPECT_EQ(threat.at("tactic").as_string(), "Command and Control");
}

TEST(AnalysisJson, ScoresAreDecadesOfRarity) {
  const auto scores = analysis_to_json(example()).at("scores");
  EXPECT_DOUBLE_EQ(scores.at("total").as_double(), 75.0);
  EXPECT_NEAR(scores.at("betti").as_double(), 50.0, 1e-9);
  EXPECT_NEAR(scores.at("entropy").as_double(), 50.0, 1e-9);
  EXPECT_DOUBLE_EQ(scores.at("ml").as_double(), 100.0);
}

TEST(AnalysisJson, WithoutDetectorsTheirScoresAreZero) {
  const auto scores = analysis_to_json(Analysis{}).at("scores");
  for (const char* name : {"total", "betti", "entropy", "ml"}) EXPECT_EQ(scores.at(name).as_double(), 0.0) << name;
}

TEST(AnalysisJson, ReadsBackWhatItWrote) {
  Analysis bare;
  Analysis closed = example();
  closed.episode_change = EpisodeChange::closed;
  closed.episode->open = false;
  for (const Analysis& analysis : {example(), bare, closed}) {
    const std::string text = print_json(analysis_to_json(analysis));
    const auto read = analysis_from_json(*parse_json(text));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(print_json(analysis_to_json(*read)), text);
    EXPECT_EQ(read->stream, analysis.stream);
    EXPECT_EQ(read->timestamp, analysis.timestamp);
    EXPECT_EQ(read->episode, analysis.episode);
    EXPECT_EQ(read->episode_change, analysis.episode_change);
  }
}

TEST(AnalysisJson, ANumberThatIsNotFiniteIsNull) {
  Analysis analysis = example();
  analysis.attribution[0].deviation = std::numeric_limits<double>::infinity();
  const auto json = *parse_json(print_json(analysis_to_json(analysis)));
  EXPECT_TRUE(json.at("attribution").as_array().at(0).at("deviation").is_null());
  EXPECT_TRUE(analysis_from_json(json));
}

TEST(AnalysisJson, RefusesWhatIsNoAnalysis) {
  auto broken = analysis_to_json(example());
  broken.as_object()["risk_level"] = "Dire";
  for (const auto& json : {boost::json::value(nullptr), boost::json::value(boost::json::object{}), broken}) {
    const auto read = analysis_from_json(json);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, ErrorCode::corrupt);
  }
}

TEST(AnalysisJson, TheLiveMessageCarriesDataAndEvent) {
  const Event event{.stream = {"web", ""}, .timestamp = {}, .values = {{"value", 1.5}}, .attributes = {}, .id = {}};
  EXPECT_EQ(live_message(NoAnalysis{.count = 7}, event),
            R"({"type":"analysis","data":{"status":"buffering","count":7},)"
            R"("original_event":{"source":"web","values":{"value":1.5}}})");
}

}  // namespace
}  // namespace topoforge
