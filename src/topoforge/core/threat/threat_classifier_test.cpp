#include "topoforge/core/threat/threat_classifier.hpp"

#include <cmath>
#include <limits>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace topoforge {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::vector<std::string> techniques(const SecurityAnalysis& analysis) {
  std::vector<std::string> ids;
  for (const ThreatCandidate& threat : analysis.threats) ids.push_back(threat.technique_id);
  return ids;
}

ThreatRule sound_rule() { return default_threat_rules().front(); }

TEST(ThreatClassifier, DocumentedExampleIsCommandAndControlAndExfiltration) {
  const ThreatClassifier classifier;
  const SecurityAnalysis analysis =
      classifier.classify({.anomaly_score = 0.9, .betti_numbers = {.h0 = 3, .h1 = 8, .h2 = 0}});
  EXPECT_EQ(analysis.risk_level, RiskLevel::critical);
  ASSERT_THAT(techniques(analysis), ElementsAre("T1071", "T1048"));
  const ThreatCandidate& control = analysis.threats[0];
  EXPECT_EQ(control.technique, "Application Layer Protocol");
  EXPECT_EQ(control.tactic_id, "TA0011");
  EXPECT_EQ(control.tactic, "Command and Control");
  EXPECT_EQ(control.evidence, "8 loops (H1) in the window; the rule asks for at least 5");
  EXPECT_DOUBLE_EQ(control.confidence, 0.5 + 0.5 * 0.6 / 1.6);
  const ThreatCandidate& exfiltration = analysis.threats[1];
  EXPECT_EQ(exfiltration.technique, "Exfiltration Over Alternative Protocol");
  EXPECT_EQ(exfiltration.tactic_id, "TA0010");
  EXPECT_EQ(exfiltration.tactic, "Exfiltration");
  EXPECT_EQ(exfiltration.evidence, "anomaly score 0.9; the rule asks for at least 0.8");
  EXPECT_DOUBLE_EQ(analysis.confidence, control.confidence);
  EXPECT_EQ(analysis.mitigation, control.mitigation + " " + exfiltration.mitigation);
}

TEST(ThreatClassifier, EventFrequencyIsDenialOfService) {
  const SecurityAnalysis analysis = ThreatClassifier().classify({.anomaly_score = 0.6, .event_rate_ratio = 12.5});
  ASSERT_THAT(techniques(analysis), ElementsAre("T1499"));
  EXPECT_EQ(analysis.threats[0].technique, "Endpoint Denial of Service");
  EXPECT_EQ(analysis.threats[0].tactic_id, "TA0040");
  EXPECT_EQ(analysis.threats[0].tactic, "Impact");
  EXPECT_THAT(analysis.threats[0].evidence, HasSubstr("12.5 times the usual rate of events"));
}

TEST(ThreatClassifier, UnknownEventRateIsNoEvidence) {
  EXPECT_THAT(ThreatClassifier().classify({.anomaly_score = 0.6}).threats, IsEmpty());
}

TEST(ThreatClassifier, RiskLevelsBeginAboveTheirBoundaries) {
  const ThreatClassifier classifier;
  const auto risk = [&](double score) { return classifier.classify({.anomaly_score = score}).risk_level; };
  const auto above = [](double score) { return std::nextafter(score, 1.0); };
  EXPECT_EQ(risk(0.0), RiskLevel::low);
  EXPECT_EQ(risk(0.2), RiskLevel::low);
  EXPECT_EQ(risk(above(0.2)), RiskLevel::medium);
  EXPECT_EQ(risk(0.5), RiskLevel::medium);
  EXPECT_EQ(risk(above(0.5)), RiskLevel::high);
  EXPECT_EQ(risk(0.8), RiskLevel::high);
  EXPECT_EQ(risk(above(0.8)), RiskLevel::critical);
  EXPECT_EQ(risk(1.0), RiskLevel::critical);
}

TEST(ThreatClassifier, RulesSpeakFromTheirThresholdOn) {
  const ThreatClassifier classifier;
  const auto below = [](double value) { return std::nextafter(value, 0.0); };
  EXPECT_THAT(techniques(classifier.classify({.anomaly_score = 0.5, .betti_numbers = {.h1 = 5}})),
              ElementsAre("T1071"));
  EXPECT_THAT(techniques(classifier.classify({.anomaly_score = 0.5, .betti_numbers = {.h1 = 4}})), IsEmpty());
  EXPECT_THAT(techniques(classifier.classify({.anomaly_score = below(0.5), .betti_numbers = {.h1 = 5}})), IsEmpty());
  EXPECT_THAT(techniques(classifier.classify({.anomaly_score = 0.8})), ElementsAre("T1048"));
  EXPECT_THAT(techniques(classifier.classify({.anomaly_score = below(0.8)})), IsEmpty());
  EXPECT_THAT(techniques(classifier.classify({.anomaly_score = 0.5, .event_rate_ratio = 5.0})), ElementsAre("T1499"));
  EXPECT_THAT(techniques(classifier.classify({.anomaly_score = 0.5, .event_rate_ratio = below(5.0)})), IsEmpty());
}

TEST(ThreatClassifier, LowRiskNamesNoTechniqueWhateverElseIsMeasured) {
  const ThreatClassifier classifier;
  for (const double score : {0.0, 0.1, 0.2}) {
    const SecurityAnalysis analysis = classifier.classify({.anomaly_score = score,
                                                           .betti_numbers = {.h0 = 500, .h1 = 500, .h2 = 500},
                                                           .event_rate_hz = 1e9,
                                                           .event_rate_ratio = 1e9});
    EXPECT_THAT(analysis.threats, IsEmpty()) << score;
    EXPECT_EQ(analysis.confidence, 0.0);
    EXPECT_EQ(analysis.mitigation, "Nothing to do.");
  }
}

TEST(ThreatClassifier, HighRiskWithoutTechniqueStillSaysWhatToDo) {
  const SecurityAnalysis analysis = ThreatClassifier().classify({.anomaly_score = 0.7});
  EXPECT_THAT(analysis.threats, IsEmpty());
  EXPECT_THAT(analysis.mitigation, HasSubstr("channels that differ most"));
}

TEST(ThreatClassifier, NotANumberNamesNoTechnique) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(ThreatClassifier().classify({.anomaly_score = nan, .betti_numbers = {.h1 = 50}}).threats, IsEmpty());
  EXPECT_THAT(ThreatClassifier().classify({.anomaly_score = 0.6, .event_rate_ratio = nan}).threats, IsEmpty());
}

TEST(ThreatClassifier, EveryMeasureCanBeAskedFor) {
  ThreatInput input{.anomaly_score = 0.95, .betti_numbers = {.h0 = 1, .h1 = 2, .h2 = 3}};
  input.event_rate_hz = 40.0;
  input.event_rate_ratio = 50.0;
  const std::vector<std::pair<ThreatMeasure, std::string>> cases = {
      {ThreatMeasure::anomaly_score, "anomaly score 0.95; the rule asks for at least 0.5"},
      {ThreatMeasure::betti_h0, "1 component (H0) in the window; the rule asks for at least 0.5"},
      {ThreatMeasure::betti_h1, "2 loops (H1) in the window; the rule asks for at least 0.5"},
      {ThreatMeasure::betti_h2, "3 voids (H2) in the window; the rule asks for at least 0.5"},
      {ThreatMeasure::event_rate_hz, "40 events per second; the rule asks for at least 0.5"},
      {ThreatMeasure::event_rate_ratio, "50 times the usual rate of events; the rule asks for at least 0.5"},
  };
  for (const auto& [measure, evidence] : cases) {
    ThreatRule rule = sound_rule();
    rule.measure = measure;
    rule.at_least = 0.5;
    const SecurityAnalysis analysis = ThreatClassifier({rule}).classify(input);
    ASSERT_EQ(analysis.threats.size(), 1U) << evidence;
    EXPECT_EQ(analysis.threats[0].evidence, evidence);
    EXPECT_EQ(threat_measure_from(to_string(measure)), measure);
  }
  EXPECT_EQ(threat_measure_from("betti_h9"), std::nullopt);
}

TEST(ThreatClassifier, SharedMitigationIsSaidOnce) {
  ThreatRule first = sound_rule();
  ThreatRule second = first;
  second.technique_id = "T1071.001";
  const SecurityAnalysis analysis =
      ThreatClassifier({first, second}).classify({.anomaly_score = 0.9, .betti_numbers = {.h1 = 6}});
  EXPECT_THAT(techniques(analysis), ElementsAre("T1071", "T1071.001"));
  EXPECT_EQ(analysis.mitigation, first.mitigation);
}

TEST(CandidateConfidence, GrowsFromItsBaseTowardsOneWithTheMeasure) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> unit(0.0, 1.0);
  for (int round = 0; round < 2000; ++round) {
    ThreatRule rule = sound_rule();
    const bool is_score = round % 2 == 0;
    rule.measure = is_score ? ThreatMeasure::anomaly_score : ThreatMeasure::event_rate_hz;
    rule.at_least = is_score ? unit(random) : 100.0 * unit(random);
    rule.base_confidence = std::max(1e-6, unit(random));
    const double room = is_score ? 1.0 - rule.at_least : 1e6;
    double near = rule.at_least + room * unit(random);
    double far = rule.at_least + room * unit(random);
    if (near > far) std::swap(near, far);
    EXPECT_EQ(candidate_confidence(rule, rule.at_least), rule.base_confidence);
    EXPECT_GE(candidate_confidence(rule, near), rule.base_confidence);
    EXPECT_GE(candidate_confidence(rule, far), candidate_confidence(rule, near));
    EXPECT_LE(candidate_confidence(rule, far), 1.0);
  }
}

TEST(CandidateConfidence, StaysBelowOneForAScoreAloneAndHasNoHolesAtTheEdges) {
  ThreatRule rule = sound_rule();
  rule.measure = ThreatMeasure::anomaly_score;
  rule.at_least = 0.8;
  rule.base_confidence = 0.4;
  EXPECT_NEAR(candidate_confidence(rule, 1.0), 0.7, 1e-12);
  rule.at_least = 1.0;
  EXPECT_EQ(candidate_confidence(rule, 1.0), 0.4);
  rule.measure = ThreatMeasure::event_rate_hz;
  rule.at_least = 0.0;
  EXPECT_EQ(candidate_confidence(rule, 0.0), 0.4);
  EXPECT_NEAR(candidate_confidence(rule, 1.0), 0.7, 1e-12);
  EXPECT_EQ(candidate_confidence(rule, std::numeric_limits<double>::infinity()), 1.0);
}

TEST(ThreatRules, DefaultTableIsSound) {
  EXPECT_THAT(find_problems(default_threat_rules()), IsEmpty());
  EXPECT_TRUE(validate(default_threat_rules()).has_value());
}

TEST(ThreatRules, SubTechniqueIsSound) {
  ThreatRule rule = sound_rule();
  rule.technique_id = "T1071.001";
  EXPECT_TRUE(validate({rule}).has_value());
}

struct BadRule {
  std::string expected;
  void (*spoil)(ThreatRule&);
};

TEST(ThreatRules, ProblemNamesRowFieldValueAndWhatWasWanted) {
  const std::vector<BadRule> cases = {
      {"rule 2, technique_id: \"\" is not a technique id like T1071 or T1071.001",
       [](ThreatRule& r) { r.technique_id.clear(); }},
      {"rule 2, technique_id: \"t1071\"", [](ThreatRule& r) { r.technique_id = "t1071"; }},
      {"rule 2, technique_id: \"T107\"", [](ThreatRule& r) { r.technique_id = "T107"; }},
      {"rule 2, technique_id: \"T1071.01\"", [](ThreatRule& r) { r.technique_id = "T1071.01"; }},
      {"rule 2, technique_id: \"T1071-001\"", [](ThreatRule& r) { r.technique_id = "T1071-001"; }},
      {"rule 2, technique_id: \"T10x1\"", [](ThreatRule& r) { r.technique_id = "T10x1"; }},
      {"rule 2, technique: is empty", [](ThreatRule& r) { r.technique = " \t"; }},
      {"rule 2, technique: has 4097 bytes; at most 4096", [](ThreatRule& r) { r.technique.assign(4097, 'x'); }},
      {"rule 2, tactic_id: \"T0011\" is not a tactic id like TA0011", [](ThreatRule& r) { r.tactic_id = "T0011"; }},
      {"rule 2, tactic_id: \"TA001\"", [](ThreatRule& r) { r.tactic_id = "TA001"; }},
      {"rule 2, tactic: is empty", [](ThreatRule& r) { r.tactic.clear(); }},
      {"rule 2, at_least: -1 is not a finite number of at least 0", [](ThreatRule& r) { r.at_least = -1; }},
      {"rule 2, at_least: inf is not", [](ThreatRule& r) { r.at_least = std::numeric_limits<double>::infinity(); }},
      {"rule 2, at_least: nan is not", [](ThreatRule& r) { r.at_least = std::numeric_limits<double>::quiet_NaN(); }},
      {"rule 2, at_least: 1.5 is outside [0, 1], the range of anomaly_score",
       [](ThreatRule& r) {
         r.measure = ThreatMeasure::anomaly_score;
         r.at_least = 1.5;
       }},
      {"rule 2, min_score: 1.1 is outside [0, 1]", [](ThreatRule& r) { r.min_score = 1.1; }},
      {"rule 2, min_score: nan is outside",
       [](ThreatRule& r) { r.min_score = std::numeric_limits<double>::quiet_NaN(); }},
      {"rule 2, base_confidence: 0 is outside (0, 1]", [](ThreatRule& r) { r.base_confidence = 0; }},
      {"rule 2, base_confidence: 1.01 is outside (0, 1]", [](ThreatRule& r) { r.base_confidence = 1.01; }},
      {"rule 2, mitigation: is empty", [](ThreatRule& r) { r.mitigation.clear(); }},
  };
  for (const BadRule& bad : cases) {
    std::vector<ThreatRule> rules = {sound_rule(), sound_rule()};
    rules[1].technique_id = "T1095";
    bad.spoil(rules[1]);
    const auto problems = find_problems(rules);
    ASSERT_EQ(problems.size(), 1U) << bad.expected;
    EXPECT_THAT(to_string(problems[0]), HasSubstr(bad.expected));
    const auto valid = validate(rules);
    ASSERT_FALSE(valid.has_value());
    EXPECT_EQ(valid.error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(valid.error().message, to_string(problems[0]));
  }
}

TEST(ThreatRules, LongIdIsShortenedInTheMessage) {
  ThreatRule rule = sound_rule();
  rule.technique_id.assign(100000, 'T');
  EXPECT_LT(validate({rule}).error().message.size(), 200U);
}

TEST(ThreatRules, EveryProblemIsFound) {
  std::vector<ThreatRule> rules = {sound_rule(), sound_rule()};
  rules[0].tactic.clear();
  rules[0].min_score = 2;
  const auto problems = find_problems(rules);
  ASSERT_EQ(problems.size(), 3U);
  EXPECT_EQ(problems[0].field, "tactic");
  EXPECT_EQ(problems[1].field, "min_score");
  EXPECT_EQ(to_string(problems[2]), "rule 2, measure: \"T1071\" by betti_h1 stands in rule 1 already");
}

TEST(ThreatRules, EmptyAndOverfullTablesAreRefused) {
  EXPECT_THAT(validate(std::vector<ThreatRule>{}).error().message, HasSubstr("is empty"));
  const std::vector<ThreatRule> many(kMaxThreatRules + 1, sound_rule());
  EXPECT_THAT(validate(many).error().message, HasSubstr("257 threat rules; at most 256"));
  EXPECT_THAT(validate(many).error().message, Not(HasSubstr("already")));
}

}  // namespace
}  // namespace topoforge
