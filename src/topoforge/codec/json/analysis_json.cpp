#include "topoforge/codec/json/analysis_json.hpp"

#include <cstddef>
#include <exception>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "topoforge/codec/text/timestamp.hpp"

namespace topoforge {
namespace {

using boost::json::value;

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

template <DescribedEnum E>
E choice(const value& json) {
  const std::string name = text(json);
  const std::optional<E> found = enum_from_text<E>(name);
  if (!found) throw std::invalid_argument("'" + name + "' is none of the choices");
  return *found;
}

SecurityAnalysis security_from(const value& json) {
  SecurityAnalysis security{.risk_level = choice<RiskLevel>(json.at("risk_level")),
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
  analysis.episode_change = choice<EpisodeChange>(json.at("change"));
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
  analysis.risk_level = choice<RiskLevel>(json.at("risk_level"));
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

value analysis_to_json(const Analysis& analysis) { return write_model(view_of(analysis)); }

Result<Analysis> analysis_from_json(const value& json) {
  try {
    return read_analysis(json);
  } catch (const std::exception& error) {
    return fail(ErrorCode::corrupt, std::string("not an analysis: ") + error.what());
  }
}

}  // namespace topoforge
