#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "topoforge/base/result.hpp"
#include "topoforge/core/threat/threat_classifier.hpp"

/// Purpose: the table of threat rules as a TOML 1.0 file that a person edits. Each rule is one `[[rule]]` table with
/// every member of ThreatRule under its own name; unknown keys are refused, so that a slip of the pen is not silence.
/// Thread safety: pure.
namespace topoforge {

inline constexpr std::size_t kMaxThreatRulesBytes = 256U << 10U;

struct ThreatRulesReading {
  std::vector<ThreatRule> rules;      ///< sound when there is no problem, otherwise of no use
  std::vector<std::string> problems;  ///< "my.toml:12:13: rule 2, at_least: -1 is not a finite number of at least 0"
};

/// Every problem of the text in the order of its lines; after an error of TOML's own grammar there is one only.
/// name: how the messages call the text, such as its file name. O(text).
ThreatRulesReading read_threat_rules(std::string_view text, std::string_view name);

/// The rules, or invalid_data with the first problem and how many more there are.
Result<std::vector<ThreatRule>> threat_rules_from_toml(std::string_view text, std::string_view name);

/// A file with comments that say what each field means; reading it gives the same rules.
/// rules must be valid (see validate()); at least their texts must be UTF-8.
std::string threat_rules_to_toml(const std::vector<ThreatRule>& rules);

}  // namespace topoforge
