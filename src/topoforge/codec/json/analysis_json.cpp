#include "topoforge/codec/json/analysis_json.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <exception>
#include <limits>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "topoforge/codec/json/event_json.hpp"
#include "topoforge/codec/json/json_text.hpp"
#include "topoforge/codec/text/timestamp.hpp"

namespace topoforge {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

constexpr std::array<std::string_view, 4> kEpisodeChanges = {"none", "opened", "continued", "closed"};
constexpr std::array<RiskLevel, 4> kRiskLevels = {RiskLevel::low, RiskLevel::medium, RiskLevel::high,
                                                  RiskLevel::critical};

double evidence(const Analysis& analysis, std::string_view detector) {
  for (const Contribution& contribution : analysis.contributions) {
    if (contribution.detector != detector) continue;
    if (!(contribution.p_value > 0.0)) return 100.0;
    return std::clamp(-100.0 * std::log10(contribution.p_value) / kFullEvidenceDecades, 0.0, 100.0);
  }
  return 0.0;
}

object scores_to_json(const Analysis& analysis) {
  const double topology = evidence(analysis, "topology");
  return {{"total", 100.0 * analysis.anomaly_score},
          {"betti", topology},
          {"entropy", topology},
          {"ml", std::max(evidence(analysis, "isolation_forest"), evidence(analysis, "autoencoder"))}};
}

object security_to_json(const SecurityAnalysis& security) {
  array threats;
  for (const ThreatCandidate& threat : security.threats) {
    threats.push_back(object{{"technique_id", threat.technique_id},
                             {"technique", threat.technique},
                             {"tactic_id", threat.tactic_id},
                             {"tactic", threat.tactic},
                             {"confidence", threat.confidence},
                             {"evidence", threat.evidence},
                             {"mitigation", threat.mitigation}});
  }
  return {{"risk_level", to_string(security.risk_level)},
          {"confidence", security.confidence},
          {"threats", std::move(threats)},
          {"mitigation", security.mitigation}};
}

value episode_to_json(const Analysis& analysis) {
  if (!analysis.episode) return nullptr;
  const Episode& episode = *analysis.episode;
  return object{{"start", episode.start},
                {"peak", episode.peak},
                {"last_alarm", episode.last_alarm},
                {"peak_score", episode.peak_score},
                {"alarms", episode.alarms},
                {"open", episode.open},
                {"change", kEpisodeChanges.at(static_cast<std::size_t>(analysis.episode_change))}};
}

object approximation_to_json(const Approximation& approximation) {
  const double bound = approximation.bottleneck_bound;
  return {{"exact_below", approximation.exact_below},
          {"bottleneck_bound", std::isfinite(bound) ? value(bound) : value(nullptr)}};
}

array contributions_to_json(const std::vector<Contribution>& contributions) {
  array list;
  for (const Contribution& one : contributions) {
    list.push_back(object{{"detector", one.detector}, {"share", one.share}, {"p_value", one.p_value}});
  }
  return list;
}

array attribution_to_json(const std::vector<Attribution>& attribution) {
  array list;
  for (const Attribution& one : attribution) {
    list.push_back(object{{"channel", one.channel},
                          {"share", one.share},
                          {"value", one.value},
                          {"expected", one.expected},
                          {"deviation", one.deviation}});
  }
  return list;
}

// Reading throws what Boost.JSON throws; analysis_from_json() is where that ends.

double number(const value& json) {
  return json.is_null() ? std::numeric_limits<double>::quiet_NaN() : json.to_number<double>();
}

std::string text(const value& json) { return std::string(std::string_view(json.as_string())); }

std::vector<double> numbers(const value& json) {
  std::vector<double> list;
  for (const value& one : json.as_array()) list.push_back(number(one));
  return list;
}

RiskLevel risk_from(const value& json) {
  const std::string name = text(json);
  for (const RiskLevel level : kRiskLevels) {
    if (to_string(level) == name) return level;
  }
  throw std::invalid_argument("risk level '" + name + "' is not known");
}

SecurityAnalysis security_from(const value& json) {
  SecurityAnalysis security{.risk_level = risk_from(json.at("risk_level")),
                            .confidence = number(json.at("confidence")),
                            .threats = {},
                            .mitigation = text(json.at("mitigation"))};
  for (const value& threat : json.at("threats").as_array()) {
    security.threats.push_back({.technique_id = text(threat.at("technique_id")),
                                .technique = text(threat.at("technique")),
                                .tactic_id = text(threat.at("tactic_id")),
                                .tactic = text(threat.at("tactic")),
                                .confidence = number(threat.at("confidence")),
                                .evidence = text(threat.at("evidence")),
                                .mitigation = text(threat.at("mitigation"))});
  }
  return security;
}

void read_episode(const value& json, Analysis& analysis) {
  if (json.is_null()) return;
  analysis.episode = Episode{.start = json.at("start").to_number<std::uint64_t>(),
                             .peak = json.at("peak").to_number<std::uint64_t>(),
                             .last_alarm = json.at("last_alarm").to_number<std::uint64_t>(),
                             .peak_score = number(json.at("peak_score")),
                             .alarms = json.at("alarms").to_number<std::size_t>(),
                             .open = json.at("open").as_bool()};
  const std::string change = text(json.at("change"));
  const auto* const found = std::find(kEpisodeChanges.begin(), kEpisodeChanges.end(), change);
  if (found == kEpisodeChanges.end()) throw std::invalid_argument("episode change '" + change + "' is not known");
  analysis.episode_change = static_cast<EpisodeChange>(found - kEpisodeChanges.begin());
}

Analysis read_analysis(const value& json) {
  Analysis analysis;
  analysis.sequence = json.at("sequence").to_number<std::uint64_t>();
  analysis.stream = {text(json.at("source")), text(json.at("entity"))};
  if (const value& time = json.at("timestamp"); !time.is_null()) {
    const auto parsed = parse_iso_timestamp(text(time));
    if (!parsed) throw std::invalid_argument(parsed.error().message);
    analysis.timestamp = parsed->time;
  }
  analysis.window_size = json.at("window_size").to_number<std::size_t>();
  analysis.anomaly_score = number(json.at("anomaly_score"));
  analysis.p_value = number(json.at("p_value"));
  analysis.confidence = number(json.at("confidence"));
  analysis.threshold = number(json.at("threshold"));
  analysis.is_anomaly = json.at("is_anomaly").as_bool();
  analysis.risk_level = risk_from(json.at("risk_level"));
  const value& betti = json.at("betti_numbers");
  analysis.betti_numbers = {.h0 = betti.at("h0").to_number<std::size_t>(),
                            .h1 = betti.at("h1").to_number<std::size_t>(),
                            .h2 = betti.at("h2").to_number<std::size_t>()};
  const value& topology = json.at("topology_features");
  analysis.topology = {.entropy = number(topology.at("entropy")),
                       .total_lifetime = number(topology.at("total_lifetime")),
                       .landscape_x = numbers(topology.at("landscape").at("x")),
                       .landscape_y = numbers(topology.at("landscape").at("y"))};
  if (const auto* const approximation = topology.as_object().if_contains("approximation")) {
    const value& bound = approximation->at("bottleneck_bound");
    analysis.topology.approximation = {
        .exact_below = number(approximation->at("exact_below")),
        .bottleneck_bound = bound.is_null() ? std::numeric_limits<double>::infinity() : number(bound)};
  }
  for (const value& one : json.at("contributions").as_array()) {
    analysis.contributions.push_back(
        {.detector = text(one.at("detector")), .share = number(one.at("share")), .p_value = number(one.at("p_value"))});
  }
  for (const value& one : json.at("attribution").as_array()) {
    analysis.attribution.push_back({.channel = text(one.at("channel")),
                                    .share = number(one.at("share")),
                                    .value = number(one.at("value")),
                                    .expected = number(one.at("expected")),
                                    .deviation = number(one.at("deviation"))});
  }
  read_episode(json.at("episode"), analysis);
  analysis.security = security_from(json.at("security_analysis"));
  analysis.explanation = text(json.at("explanation"));
  if (const auto* const detector = json.as_object().if_contains("detector")) analysis.detector = text(*detector);
  return analysis;
}

}  // namespace

value analysis_to_json(const Analysis& analysis) {
  const BettiNumbers& betti = analysis.betti_numbers;
  const TopologySummary& topology = analysis.topology;
  const array x(topology.landscape_x.begin(), topology.landscape_x.end());
  const array y(topology.landscape_y.begin(), topology.landscape_y.end());
  object json{{"betti_numbers", {{"h0", betti.h0}, {"h1", betti.h1}, {"h2", betti.h2}}},
              {"anomaly_score", analysis.anomaly_score},
              {"is_anomaly", analysis.is_anomaly},
              {"scores", scores_to_json(analysis)},
              {"topology_features",
               {{"entropy", topology.entropy},
                {"total_lifetime", topology.total_lifetime},
                {"landscape", {{"x", x}, {"y", y}}}}},
              {"security_analysis", security_to_json(analysis.security)},
              {"window_size", analysis.window_size},
              {"timestamp", analysis.timestamp ? value(format_timestamp(*analysis.timestamp)) : value(nullptr)},
              {"sequence", analysis.sequence},
              {"source", analysis.stream.source},
              {"entity", analysis.stream.entity},
              {"p_value", analysis.p_value},
              {"confidence", analysis.confidence},
              {"threshold", analysis.threshold},
              {"risk_level", to_string(analysis.risk_level)},
              {"contributions", contributions_to_json(analysis.contributions)},
              {"attribution", attribution_to_json(analysis.attribution)},
              {"episode", episode_to_json(analysis)},
              {"explanation", analysis.explanation}};
  if (topology.approximation)
    json["topology_features"].as_object()["approximation"] = approximation_to_json(*topology.approximation);
  if (!analysis.detector.empty()) json["detector"] = analysis.detector;
  return json;
}

Result<Analysis> analysis_from_json(const value& json) {
  try {
    return read_analysis(json);
  } catch (const std::exception& error) {
    return fail(ErrorCode::corrupt, std::string("not an analysis: ") + error.what());
  }
}

value buffering_to_json(std::size_t count) { return object{{"status", "buffering"}, {"count", count}}; }

std::string live_message(value data, const Event& event) {
  return print_json(object{{"type", "analysis"}, {"data", std::move(data)}, {"original_event", event_to_json(event)}});
}

}  // namespace topoforge
