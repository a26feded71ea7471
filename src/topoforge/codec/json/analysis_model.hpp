#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "topoforge/codec/model/model.hpp"
#include "topoforge/core/pipeline/analysis.hpp"

/// Purpose: an analysis as it is written, in the shape that front ends of the documented API read, with what the
/// documented one lacks after it. A number that is not finite is null. Thread safety: values and pure functions.
namespace topoforge {

BOOST_DESCRIBE_ENUM(RiskLevel, low, medium, high, critical)
BOOST_DESCRIBE_ENUM(EpisodeChange, none, opened, continued, closed)

BOOST_DESCRIBE_STRUCT(BettiNumbers, (), (h0, h1, h2))
constexpr auto model_of(std::type_identity<BettiNumbers>) {
  return model("BettiNumbers", "Components, loops and voids");
}

BOOST_DESCRIBE_STRUCT(Contribution, (), (detector, share, p_value))
constexpr auto model_of(std::type_identity<Contribution>) {
  return model("Contribution", "What a detector gave to the score",
               field(&Contribution::share, {.about = "Of the evidence; all shares sum to 1", .least = 0, .most = 1}),
               field(&Contribution::p_value, {.about = "Of this detector alone", .least = 0, .most = 1}));
}

BOOST_DESCRIBE_STRUCT(Attribution, (), (channel, share, value, expected, deviation))
constexpr auto model_of(std::type_identity<Attribution>) {
  return model("Attribution", "What a channel gave to the score",
               field(&Attribution::share, {.about = "All shares sum to 1", .least = 0, .most = 1}),
               field(&Attribution::value, {.about = "Newest of the window"}),
               field(&Attribution::expected, {.about = "Median of the calibration"}),
               field(&Attribution::deviation, {.about = "In robust standard deviations, signed"}));
}

BOOST_DESCRIBE_STRUCT(ThreatCandidate, (),
                      (technique_id, technique, tactic_id, tactic, confidence, evidence, mitigation))
constexpr auto model_of(std::type_identity<ThreatCandidate>) {
  return model("ThreatCandidate", "A technique of MITRE ATT&CK that may be behind it",
               field(&ThreatCandidate::technique_id, {.example = "T1071"}),
               field(&ThreatCandidate::tactic_id, {.example = "TA0011"}),
               field(&ThreatCandidate::confidence, {.least = 0, .most = 1}),
               field(&ThreatCandidate::evidence, {.about = "The measure that speaks for it"}));
}

BOOST_DESCRIBE_STRUCT(SecurityAnalysis, (), (risk_level, confidence, threats, mitigation))
constexpr auto model_of(std::type_identity<SecurityAnalysis>) {
  return model("SecurityAnalysis", "What it may mean",
               field(&SecurityAnalysis::confidence, {.about = "The greatest of a threat", .least = 0, .most = 1}),
               field(&SecurityAnalysis::threats, {.about = "Most confident first"}));
}

BOOST_DESCRIBE_STRUCT(Episode, (), (start, peak, last_alarm, peak_score, alarms, open))
struct EpisodeView : Episode {
  EpisodeChange change = EpisodeChange::none;
  static constexpr auto model() {
    return topoforge::model("Episode", "Consecutive alarms; events by their sequence",
                            field(&EpisodeView::start, {.about = "First alarmed event"}),
                            field(&EpisodeView::peak, {.about = "Event with the highest score"}),
                            field(&EpisodeView::last_alarm, {.about = "Last alarmed event"}),
                            field(&EpisodeView::change, {.about = "What this event made of it"}));
  }
};
BOOST_DESCRIBE_STRUCT(EpisodeView, (Episode), (change))

/// Each from 0 to 100, for bars on a screen. The evidence of a detector is its decimal order of rarity, -log10 of its
/// p-value, against kFullEvidenceDecades: one in ten 17, one in a thousand 50, one in a million or rarer 100; 0 without
/// the detector.
struct ScoreBars {
  double total = 0.0;
  double betti = 0.0;
  double entropy = 0.0;
  double ml = 0.0;
  static constexpr auto model() {
    constexpr double kMost = 100;
    return topoforge::model(
        "ScoreBars", "Figures from 0 to 100, for bars on a screen",
        field(&ScoreBars::total, {.about = "100 * anomaly_score", .least = 0, .most = kMost}),
        field(&ScoreBars::betti, {.about = "Evidence of the topology detector", .least = 0, .most = kMost}),
        field(&ScoreBars::entropy, {.about = "The same: it looks at both together", .least = 0, .most = kMost}),
        field(&ScoreBars::ml,
              {.about = "The greater evidence of isolation forest and autoencoder", .least = 0, .most = kMost}));
  }
};
BOOST_DESCRIBE_STRUCT(ScoreBars, (), (total, betti, entropy, ml))
inline constexpr double kFullEvidenceDecades = 6.0;

struct LandscapeCurve {
  std::vector<double> x;
  std::vector<double> y;
  static constexpr auto model() {
    return topoforge::model("LandscapeCurve", "The first persistence landscape of the loops");
  }
};
BOOST_DESCRIBE_STRUCT(LandscapeCurve, (), (x, y))

struct DiagramApproximation {
  double exact_below = 0.0;
  std::optional<double> bottleneck_bound;
  static constexpr auto model() {
    return topoforge::model("DiagramApproximation", "How far a diagram holds whose budget was spent",
                            field(&DiagramApproximation::exact_below, {.about = "Edges shorter than it are exact"}),
                            field(&DiagramApproximation::bottleneck_bound,
                                  {.about = "Distance to the exact diagram at most; null: classes may be essential"}));
  }
};
BOOST_DESCRIBE_STRUCT(DiagramApproximation, (), (exact_below, bottleneck_bound))

struct TopologyFeatures {
  double entropy = 0.0;
  double total_lifetime = 0.0;
  LandscapeCurve landscape;
  std::optional<DiagramApproximation> approximation;
  static constexpr auto model() {
    return topoforge::model("TopologyFeatures", "What the diagram of the window is summed up as",
                            field(&TopologyFeatures::entropy, {.about = "Persistent entropy of all degrees, in nats"}),
                            field(&TopologyFeatures::total_lifetime, {.about = "Of finite classes"}),
                            field(&TopologyFeatures::approximation,
                                  {.about = "Of a window that was too rich to be computed whole", .left_out = true}));
  }
};
BOOST_DESCRIBE_STRUCT(TopologyFeatures, (), (entropy, total_lifetime, landscape, approximation))

struct AnalysisView {
  BettiNumbers betti_numbers;
  double anomaly_score = 0.0;
  bool is_anomaly = false;
  ScoreBars scores;
  TopologyFeatures topology_features;
  SecurityAnalysis security_analysis;
  std::uint64_t window_size = 0;
  std::optional<Timestamp> timestamp;
  std::uint64_t sequence = 0;
  std::string source;
  std::string entity;
  double p_value = 1.0;
  double confidence = 0.0;
  double threshold = 0.0;
  RiskLevel risk_level = RiskLevel::low;
  std::vector<Contribution> contributions;
  std::vector<Attribution> attribution;
  std::optional<EpisodeView> episode;
  std::string explanation;
  std::optional<std::string> detector;
  static constexpr auto model() {
    return topoforge::model(
        "Analysis", "What is said of a window",
        field(&AnalysisView::anomaly_score, {.about = "The same rarity on every stream", .least = 0, .most = 1}),
        field(&AnalysisView::timestamp, {.about = "Of the newest event; null if it had none"}),
        field(&AnalysisView::sequence, {.about = "Number of the newest event in its stream, from 0"}),
        field(&AnalysisView::p_value, {.least = 0, .most = 1}),
        field(&AnalysisView::confidence,
              {.about = "How much calibration data stands behind it", .least = 0, .most = 1}),
        field(&AnalysisView::threshold, {.about = "The anomaly_score above which it is an anomaly"}),
        field(&AnalysisView::attribution, {.about = "Greatest share first"}),
        field(&AnalysisView::episode, {.about = "The open one, or the one that this event closed"}),
        field(&AnalysisView::explanation, {.about = "One or two sentences"}),
        field(&AnalysisView::detector,
              {.about = "Name of the detector, where it is not the one for all streams", .left_out = true}));
  }
};
BOOST_DESCRIBE_STRUCT(AnalysisView, (),
                      (betti_numbers, anomaly_score, is_anomaly, scores, topology_features, security_analysis,
                       window_size, timestamp, sequence, source, entity, p_value, confidence, threshold, risk_level,
                       contributions, attribution, episode, explanation, detector))

/// What stands for an analysis where there is none.
struct NoAnalysis {
  std::string status = "buffering";
  std::uint64_t count = 0;
  std::optional<std::uint64_t> events_until_verdict = std::nullopt;
  static constexpr auto model() {
    return topoforge::model(
        "NoAnalysis", "There is no analysis of this event",
        field(&NoAnalysis::status, {.about = "Why: buffering while the window of the stream fills"}),
        field(&NoAnalysis::count, {.about = "Events in the window"}),
        field(&NoAnalysis::events_until_verdict, {.left_out = true}));
  }
};
BOOST_DESCRIBE_STRUCT(NoAnalysis, (), (status, count, events_until_verdict))

DiagramApproximation view_of(const Approximation& approximation);
AnalysisView view_of(const Analysis& analysis);

}  // namespace topoforge
