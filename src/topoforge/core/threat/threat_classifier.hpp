#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "topoforge/base/result.hpp"
#include "topoforge/core/features/betti.hpp"
#include "topoforge/core/verdict/risk.hpp"

/// Purpose: from a verdict to candidates of MITRE ATT&CK techniques (Enterprise matrix, v15 names), each with the
/// measure that speaks for it. A candidate is a hypothesis for an analyst, not a finding.
/// Thread safety: a classifier is immutable.
namespace topoforge {

/// What a rule can look at.
enum class ThreatMeasure { anomaly_score, betti_h0, betti_h1, betti_h2, event_rate_hz, event_rate_ratio };
std::string_view to_string(ThreatMeasure measure);
std::optional<ThreatMeasure> threat_measure_from(std::string_view name);

/// One row of the rule table. It speaks when `measure >= at_least` and the anomaly score is at least `min_score`.
struct ThreatRule {
  std::string technique_id;  ///< "T1071" or with sub-technique "T1071.001"
  std::string technique;     ///< "Application Layer Protocol"
  std::string tactic_id;     ///< "TA0011"
  std::string tactic;        ///< "Command and Control"
  ThreatMeasure measure = ThreatMeasure::anomaly_score;
  double at_least = 0.0;
  double min_score = 0.0;        ///< anomaly score below which the rule is silent, in [0, 1]
  double base_confidence = 0.5;  ///< confidence at the threshold, in (0, 1]; see candidate_confidence()
  std::string mitigation;

  bool operator==(const ThreatRule&) const = default;
};

/// Named limits of a rule table.
inline constexpr std::size_t kMaxThreatRules = 256;
inline constexpr std::size_t kMaxThreatTextBytes = 4096;

/// The documented mapping: H1 -> T1071, score -> T1048, event frequency -> T1499. None of them speaks at Low risk.
const std::vector<ThreatRule>& default_threat_rules();

/// One thing that is wrong with a rule table.
struct ThreatRuleProblem {
  std::size_t row = 0;  ///< from 1; 0 for the table as a whole
  std::string field;    ///< name of the member, empty for a whole row or the table
  std::string message;  ///< what is there and what was wanted

  bool operator==(const ThreatRuleProblem&) const = default;
};
/// "rule 2, tactic_id: \"TA11\" is not ..."
std::string to_string(const ThreatRuleProblem& problem);

/// Every problem of the table in its order: no rule or too many, a malformed id, an empty or too long text, a value
/// outside its range, the same technique and measure twice. O(rules^2), rules <= kMaxThreatRules.
std::vector<ThreatRuleProblem> find_problems(const std::vector<ThreatRule>& rules);
/// invalid_argument with the first problem; the message names row and field.
Result<void> validate(const std::vector<ThreatRule>& rules);

/// Confidence of a rule that speaks: base + (1 - base) * e / (1 + e) for the excess e of the measure over its
/// threshold, in thresholds (in the room up to 1 for the anomaly score, whose confidence so stops half way to 1: a
/// score alone is weak evidence for one technique). Equals base at the threshold, never falls with the measure, is at
/// most 1.
double candidate_confidence(const ThreatRule& rule, double measured);

struct ThreatCandidate {
  std::string technique_id;
  std::string technique;
  std::string tactic_id;
  std::string tactic;
  double confidence = 0.0;  ///< in (0, 1]
  std::string evidence;     ///< "8 loops (H1) in the window; the rule asks for at least 5"
  std::string mitigation;
};

struct SecurityAnalysis {
  RiskLevel risk_level = RiskLevel::low;
  double confidence = 0.0;               ///< greatest confidence of a candidate, 0 without one
  std::vector<ThreatCandidate> threats;  ///< most confident first
  std::string mitigation;                ///< texts of the candidates, or what to do without one
};

/// The text of SecurityAnalysis::mitigation.
std::string mitigation_of(const std::vector<ThreatCandidate>& threats, RiskLevel level);

struct ThreatInput {
  double anomaly_score = 0.0;
  BettiNumbers betti_numbers = {};
  std::optional<double> event_rate_hz = {};     ///< events per second of the window, where timestamps tell
  std::optional<double> event_rate_ratio = {};  ///< to the calibrated rate
};

class ThreatClassifier {
 public:
  ThreatClassifier() : ThreatClassifier(default_threat_rules()) {}
  /// rules must be valid (asserted); see validate().
  explicit ThreatClassifier(std::vector<ThreatRule> rules);

  /// O(rules).
  [[nodiscard]] SecurityAnalysis classify(const ThreatInput& input) const;

 private:
  std::vector<ThreatRule> rules_;
};

}  // namespace topoforge
