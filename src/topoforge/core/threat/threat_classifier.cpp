#include "topoforge/core/threat/threat_classifier.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <utility>

#include <fmt/format.h>

namespace topoforge {
namespace {

constexpr std::array<std::pair<ThreatMeasure, std::string_view>, 6> kMeasureNames = {{
    {ThreatMeasure::anomaly_score, "anomaly_score"},
    {ThreatMeasure::betti_h0, "betti_h0"},
    {ThreatMeasure::betti_h1, "betti_h1"},
    {ThreatMeasure::betti_h2, "betti_h2"},
    {ThreatMeasure::event_rate_hz, "event_rate_hz"},
    {ThreatMeasure::event_rate_ratio, "event_rate_ratio"},
}};

bool all_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_technique_id(std::string_view id) {
  if (id.size() != 5 && id.size() != 9) return false;
  const bool head = id[0] == 'T' && all_digits(id.substr(1, 4));
  return head && (id.size() == 5 || (id[5] == '.' && all_digits(id.substr(6))));
}

bool is_tactic_id(std::string_view id) { return id.size() == 6 && id.substr(0, 2) == "TA" && all_digits(id.substr(2)); }

bool in_unit_interval(double value) { return value >= 0.0 && value <= 1.0; }

/// Collects the problems of one row.
class RowCheck {
 public:
  RowCheck(std::size_t row, std::vector<ThreatRuleProblem>& problems) : row_(row), problems_(problems) {}

  void add(std::string field, std::string message) {
    problems_.push_back({.row = row_, .field = std::move(field), .message = std::move(message)});
  }
  void text(std::string field, const std::string& value) {
    if (value.find_first_not_of(" \t\r\n") == std::string::npos) {
      add(std::move(field), "is empty; wanted a text");
    } else if (value.size() > kMaxThreatTextBytes) {
      add(std::move(field), fmt::format("has {} bytes; at most {} are allowed", value.size(), kMaxThreatTextBytes));
    }
  }

 private:
  std::size_t row_;
  std::vector<ThreatRuleProblem>& problems_;
};

/// Ids are quoted in messages; a hostile one must not fill the screen.
std::string quoted(std::string_view id) {
  constexpr std::size_t kMaxQuoted = 40;
  return id.size() <= kMaxQuoted ? fmt::format("\"{}\"", id) : fmt::format("\"{}...\"", id.substr(0, kMaxQuoted));
}

void check_row(const ThreatRule& rule, RowCheck& check) {
  if (!is_technique_id(rule.technique_id)) {
    check.add("technique_id", quoted(rule.technique_id) + " is not a technique id like T1071 or T1071.001");
  }
  check.text("technique", rule.technique);
  if (!is_tactic_id(rule.tactic_id)) {
    check.add("tactic_id", quoted(rule.tactic_id) + " is not a tactic id like TA0011");
  }
  check.text("tactic", rule.tactic);
  if (rule.measure == ThreatMeasure::anomaly_score && !in_unit_interval(rule.at_least)) {
    check.add("at_least", fmt::format("{} is outside [0, 1], the range of anomaly_score", rule.at_least));
  } else if (!std::isfinite(rule.at_least) || rule.at_least < 0.0) {
    check.add("at_least", fmt::format("{} is not a finite number of at least 0", rule.at_least));
  }
  if (!in_unit_interval(rule.min_score)) {
    check.add("min_score", fmt::format("{} is outside [0, 1]", rule.min_score));
  }
  if (!(rule.base_confidence > 0.0 && rule.base_confidence <= 1.0)) {
    check.add("base_confidence", fmt::format("{} is outside (0, 1]", rule.base_confidence));
  }
  check.text("mitigation", rule.mitigation);
}

std::optional<double> measured(const ThreatInput& input, ThreatMeasure measure) {
  switch (measure) {
    case ThreatMeasure::anomaly_score: return input.anomaly_score;
    case ThreatMeasure::betti_h0: return static_cast<double>(input.betti_numbers.h0);
    case ThreatMeasure::betti_h1: return static_cast<double>(input.betti_numbers.h1);
    case ThreatMeasure::betti_h2: return static_cast<double>(input.betti_numbers.h2);
    case ThreatMeasure::event_rate_hz: return input.event_rate_hz;
    case ThreatMeasure::event_rate_ratio: return input.event_rate_ratio;
  }
  return std::nullopt;
}

std::string counted(double count, std::string_view one, std::string_view many, std::string_view group) {
  return fmt::format("{:.0f} {} ({}) in the window", count, count == 1.0 ? one : many, group);
}

std::string observation(ThreatMeasure measure, double value) {
  switch (measure) {
    case ThreatMeasure::anomaly_score: return fmt::format("anomaly score {:.3g}", value);
    case ThreatMeasure::betti_h0: return counted(value, "component", "components", "H0");
    case ThreatMeasure::betti_h1: return counted(value, "loop", "loops", "H1");
    case ThreatMeasure::betti_h2: return counted(value, "void", "voids", "H2");
    case ThreatMeasure::event_rate_hz: return fmt::format("{:.3g} events per second", value);
    case ThreatMeasure::event_rate_ratio: return fmt::format("{:.3g} times the usual rate of events", value);
  }
  return {};
}

std::optional<ThreatCandidate> candidate_of(const ThreatRule& rule, const ThreatInput& input) {
  const std::optional<double> value = measured(input, rule.measure);
  // Written so that a NaN keeps the rule silent.
  if (!value || !(*value >= rule.at_least) || !(input.anomaly_score >= rule.min_score)) return std::nullopt;
  return ThreatCandidate{
      .technique_id = rule.technique_id,
      .technique = rule.technique,
      .tactic_id = rule.tactic_id,
      .tactic = rule.tactic,
      .confidence = candidate_confidence(rule, *value),
      .evidence =
          fmt::format("{}; the rule asks for at least {:.6g}", observation(rule.measure, *value), rule.at_least),
      .mitigation = rule.mitigation,
  };
}

std::string_view advice_without_candidate(RiskLevel level) {
  switch (level) {
    case RiskLevel::low: return "Nothing to do.";
    case RiskLevel::medium: return "Nothing to do now; look again if it lasts.";
    case RiskLevel::high: return "No rule names a technique; look at the channels that differ most.";
    case RiskLevel::critical:
      return "No rule names a technique; look at once at the channels that differ most and keep the logs of this time.";
  }
  return {};
}

/// Each text once, in the order of the candidates.
std::string joined_mitigation(const std::vector<ThreatCandidate>& threats) {
  std::string joined;
  for (auto it = threats.begin(); it != threats.end(); ++it) {
    const bool said = std::any_of(threats.begin(), it,
                                  [&](const ThreatCandidate& earlier) { return earlier.mitigation == it->mitigation; });
    if (said) continue;
    if (!joined.empty()) joined += ' ';
    joined += it->mitigation;
  }
  return joined;
}

}  // namespace

std::string mitigation_of(const std::vector<ThreatCandidate>& threats, RiskLevel level) {
  return threats.empty() ? std::string(advice_without_candidate(level)) : joined_mitigation(threats);
}

std::string_view to_string(ThreatMeasure measure) {
  for (const auto& [value, name] : kMeasureNames) {
    if (value == measure) return name;
  }
  return {};
}

std::optional<ThreatMeasure> threat_measure_from(std::string_view name) {
  for (const auto& [value, known] : kMeasureNames) {
    if (known == name) return value;
  }
  return std::nullopt;
}

std::string to_string(const ThreatRuleProblem& problem) {
  if (problem.row == 0) return problem.message;
  if (problem.field.empty()) return fmt::format("rule {}: {}", problem.row, problem.message);
  return fmt::format("rule {}, {}: {}", problem.row, problem.field, problem.message);
}

std::vector<ThreatRuleProblem> find_problems(const std::vector<ThreatRule>& rules) {
  std::vector<ThreatRuleProblem> problems;
  if (rules.empty()) {
    problems.push_back({.row = 0, .field = {}, .message = "the table of threat rules is empty; wanted at least one"});
  }
  if (rules.size() > kMaxThreatRules) {
    problems.push_back({.row = 0,
                        .field = {},
                        .message = fmt::format("the table has {} threat rules; at most {} are allowed", rules.size(),
                                               kMaxThreatRules)});
    return problems;
  }
  for (std::size_t i = 0; i < rules.size(); ++i) {
    RowCheck check(i + 1, problems);
    check_row(rules[i], check);
    const auto same = std::find_if(rules.begin(), rules.begin() + static_cast<std::ptrdiff_t>(i), [&](const auto& r) {
      return r.technique_id == rules[i].technique_id && r.measure == rules[i].measure;
    });
    if (same != rules.begin() + static_cast<std::ptrdiff_t>(i)) {
      check.add("measure", fmt::format("{} by {} stands in rule {} already", quoted(rules[i].technique_id),
                                       to_string(rules[i].measure), same - rules.begin() + 1));
    }
  }
  return problems;
}

Result<void> validate(const std::vector<ThreatRule>& rules) {
  const std::vector<ThreatRuleProblem> problems = find_problems(rules);
  if (problems.empty()) return {};
  return fail(ErrorCode::invalid_argument, to_string(problems.front()));
}

double candidate_confidence(const ThreatRule& rule, double measured) {
  const double over = measured - rule.at_least;
  if (!(over > 0.0)) return rule.base_confidence;
  double unit = rule.measure == ThreatMeasure::anomaly_score ? 1.0 - rule.at_least : rule.at_least;
  if (!(unit > 0.0)) unit = 1.0;
  // e / (1 + e) written so that an infinite excess gives 1.
  const double grown = 1.0 - unit / (unit + over);
  return std::min(1.0, rule.base_confidence + (1.0 - rule.base_confidence) * grown);
}

ThreatClassifier::ThreatClassifier(std::vector<ThreatRule> rules) : rules_(std::move(rules)) {
  assert(validate(rules_).has_value());
}

SecurityAnalysis ThreatClassifier::classify(const ThreatInput& input) const {
  SecurityAnalysis analysis;
  analysis.risk_level = risk_level(input.anomaly_score);
  for (const ThreatRule& rule : rules_) {
    if (auto candidate = candidate_of(rule, input)) analysis.threats.push_back(std::move(*candidate));
  }
  std::stable_sort(analysis.threats.begin(), analysis.threats.end(),
                   [](const ThreatCandidate& a, const ThreatCandidate& b) { return a.confidence > b.confidence; });
  if (!analysis.threats.empty()) analysis.confidence = analysis.threats.front().confidence;
  analysis.mitigation = mitigation_of(analysis.threats, analysis.risk_level);
  return analysis;
}

}  // namespace topoforge
