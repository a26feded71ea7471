#include "topoforge/codec/toml/threat_rules_toml.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <tuple>
#include <utility>

#include <fmt/format.h>
#include <toml++/toml.h>

#include "topoforge/codec/text/quote.hpp"
#include "topoforge/codec/toml/node_kind.hpp"

namespace topoforge {
namespace {

constexpr std::string_view kTable = "rule";

struct TextField {
  std::string_view name;
  std::string ThreatRule::*member;
};
constexpr std::array<TextField, 5> kTextFields = {{{"technique_id", &ThreatRule::technique_id},
                                                   {"technique", &ThreatRule::technique},
                                                   {"tactic_id", &ThreatRule::tactic_id},
                                                   {"tactic", &ThreatRule::tactic},
                                                   {"mitigation", &ThreatRule::mitigation}}};
struct NumberField {
  std::string_view name;
  double ThreatRule::*member;
};
constexpr std::array<NumberField, 3> kNumberFields = {{{"at_least", &ThreatRule::at_least},
                                                       {"min_score", &ThreatRule::min_score},
                                                       {"base_confidence", &ThreatRule::base_confidence}}};
constexpr std::string_view kMeasure = "measure";

constexpr std::string_view kKnownKeys =
    "technique_id, technique, tactic_id, tactic, measure, at_least, min_score, base_confidence, mitigation";
constexpr std::string_view kMeasures = "anomaly_score, betti_h0, betti_h1, betti_h2, event_rate_hz or event_rate_ratio";

bool is_known(std::string_view key) {
  const auto named = [key](const auto& field) { return field.name == key; };
  return key == kMeasure || std::any_of(kTextFields.begin(), kTextFields.end(), named) ||
         std::any_of(kNumberFields.begin(), kNumberFields.end(), named);
}

class Reader {
 public:
  explicit Reader(std::string_view name) : name_(name) {}

  ThreatRulesReading read(std::string_view text) {
    if (text.size() > kMaxThreatRulesBytes) {
      problem_at({}, fmt::format("the file has {} bytes; at most {} are allowed", text.size(), kMaxThreatRulesBytes));
      return finish({});
    }
    try {
      const toml::table document = toml::parse(text);
      return finish(read_document(document));
    } catch (const toml::parse_error& error) {
      problem_at(error.source().begin, fmt::format("not TOML: {}", error.description()));
      return finish({});
    }
  }

 private:
  struct Problem {
    toml::source_position where;
    std::string text;
  };

  void problem_at(toml::source_position where, std::string text) { problems_.push_back({where, std::move(text)}); }
  void problem_at(toml::source_position where, const ThreatRuleProblem& problem) {
    problem_at(where, to_string(problem));
  }

  ThreatRulesReading finish(std::vector<ThreatRule> rules) {
    std::stable_sort(problems_.begin(), problems_.end(), [](const Problem& a, const Problem& b) {
      return std::tie(a.where.line, a.where.column) < std::tie(b.where.line, b.where.column);
    });
    ThreatRulesReading reading{.rules = std::move(rules), .problems = {}};
    for (const Problem& problem : problems_) {
      const auto& [where, text] = problem;
      reading.problems.push_back(where.line == 0 ? fmt::format("{}: {}", name_, text)
                                                 : fmt::format("{}:{}:{}: {}", name_, where.line, where.column, text));
    }
    return reading;
  }

  std::vector<ThreatRule> read_document(const toml::table& document) {
    std::vector<ThreatRule> rules;
    const toml::array* rows = nullptr;
    for (const auto& [key, value] : document) {
      if (key.str() != kTable) {
        problem_at(key.source().begin, fmt::format("unknown key {}; wanted [[rule]] tables", quote_text(key.str())));
      } else if (rows = value.as_array(); rows == nullptr) {
        problem_at(value.source().begin,
                   fmt::format("rule is {}; wanted tables that begin with [[rule]]", kind_of(value)));
        return rules;
      }
    }
    if (rows != nullptr && rows->size() <= kMaxThreatRules) {
      for (const toml::node& row : *rows) rules.push_back(read_row(row, rules.size() + 1));
    } else if (rows != nullptr) {
      rules.resize(rows->size());
    }
    check(rules, rows);
    return rules;
  }

  ThreatRule read_row(const toml::node& node, std::size_t row) {
    ThreatRule rule;
    const toml::table* table = node.as_table();
    if (table == nullptr) {
      reported_.emplace_back(row, "");
      problem_at(node.source().begin, fmt::format("rule {} is {}; wanted a table", row, kind_of(node)));
      return rule;
    }
    for (const auto& [key, value] : *table) {
      if (is_known(key.str())) continue;
      problem_at(key.source().begin,
                 {.row = row,
                  .field = {},
                  .message = fmt::format("unknown key {}; wanted one of {}", quote_text(key.str()), kKnownKeys)});
    }
    for (const TextField& field : kTextFields) {
      if (const auto text = text_of(*table, row, field.name)) rule.*field.member = *text;
    }
    for (const NumberField& field : kNumberFields) {
      if (const auto number = number_of(*table, row, field.name)) rule.*field.member = *number;
    }
    if (const auto name = text_of(*table, row, kMeasure)) {
      if (const auto measure = threat_measure_from(*name)) {
        rule.measure = *measure;
      } else {
        refuse(*table, row, kMeasure, fmt::format("{} is unknown; wanted {}", quote_text(*name), kMeasures));
      }
    }
    return rule;
  }

  std::optional<std::string> text_of(const toml::table& table, std::size_t row, std::string_view field) {
    const toml::node* node = table.get(field);
    if (node == nullptr) {
      refuse(table, row, field, "is missing");
      return std::nullopt;
    }
    if (const auto* text = node->as_string()) return text->get();
    refuse(table, row, field, fmt::format("is {}; wanted a text in quotes", kind_of(*node)));
    return std::nullopt;
  }

  std::optional<double> number_of(const toml::table& table, std::size_t row, std::string_view field) {
    const toml::node* node = table.get(field);
    if (node == nullptr) {
      refuse(table, row, field, "is missing");
      return std::nullopt;
    }
    if (node->is_number()) return node->value<double>();
    refuse(table, row, field, fmt::format("is {}; wanted a number", kind_of(*node)));
    return std::nullopt;
  }

  void refuse(const toml::table& table, std::size_t row, std::string_view field, std::string message) {
    reported_.emplace_back(row, field);
    problem_at(position_of(table, field),
               ThreatRuleProblem{.row = row, .field = std::string(field), .message = std::move(message)});
  }

  static toml::source_position position_of(const toml::table& table, std::string_view field) {
    const toml::node* node = table.get(field);
    return node == nullptr ? table.source().begin : node->source().begin;
  }

  /// What the values themselves do wrong, save where the text already was refused: the rest of such a row is default.
  void check(const std::vector<ThreatRule>& rules, const toml::array* rows) {
    for (const ThreatRuleProblem& problem : find_problems(rules)) {
      if (problem.row == 0) {
        problem_at({}, problem.message);
      } else if (!was_reported(problem)) {
        problem_at(position_of(*rows->get(problem.row - 1)->as_table(), problem.field), problem);
      }
    }
  }

  [[nodiscard]] bool was_reported(const ThreatRuleProblem& problem) const {
    return std::any_of(reported_.begin(), reported_.end(), [&](const auto& seen) {
      const auto& [row, field] = seen;
      // Without its measure the range of a threshold is unknown; without its id a rule is like another by chance.
      const bool needs_measure = problem.field == "at_least" && field == kMeasure;
      const bool needs_id = problem.field == kMeasure && field == "technique_id";
      return row == problem.row && (field.empty() || field == problem.field || needs_measure || needs_id);
    });
  }

  std::string_view name_;
  std::vector<Problem> problems_;
  std::vector<std::pair<std::size_t, std::string>> reported_;  ///< row, field; no field: the row
};

/// A basic string of TOML.
std::string toml_string(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    switch (c) {
      case '"': quoted += "\\\""; break;
      case '\\': quoted += "\\\\"; break;
      case '\n': quoted += "\\n"; break;
      case '\t': quoted += "\\t"; break;
      case '\r': quoted += "\\r"; break;
      default:
        if (byte < 0x20 || byte == 0x7f) {
          quoted += fmt::format("\\u{:04X}", byte);
        } else {
          quoted += c;
        }
    }
  }
  return quoted + '"';
}

constexpr std::string_view kIntroduction =
    R"(# Threat rules: from an anomaly to candidates of MITRE ATT&CK techniques (Enterprise matrix, v15 names).
# A candidate is a hypothesis for an analyst, not a finding. A rule speaks when the anomaly score is at least min_score
# and its measure is at least at_least:
#   anomaly_score      0 to 1; the risk is Medium above 0.2, High above 0.5, Critical above 0.8
#   betti_h0           connected components of the window
#   betti_h1           loops: repeated, coordinated behaviour
#   betti_h2           voids
#   event_rate_hz      events per second, where events carry timestamps
#   event_rate_ratio   events per second, as a multiple of the rate at which the stream was learnt
# base_confidence, above 0 and up to 1, is the candidate's confidence at the threshold; it grows with the excess.
# Every field is needed. Check an edited copy with: topoforge rules --check FILE
)";

}  // namespace

ThreatRulesReading read_threat_rules(std::string_view text, std::string_view name) { return Reader(name).read(text); }

Result<std::vector<ThreatRule>> threat_rules_from_toml(std::string_view text, std::string_view name) {
  ThreatRulesReading reading = read_threat_rules(text, name);
  if (reading.problems.empty()) return std::move(reading.rules);
  std::string message = std::move(reading.problems.front());
  if (const std::size_t more = reading.problems.size() - 1; more > 0) {
    message += fmt::format(" (and {} more {})", more, more == 1 ? "problem" : "problems");
  }
  return fail(ErrorCode::invalid_data, std::move(message));
}

std::string threat_rules_to_toml(const std::vector<ThreatRule>& rules) {
  std::string text(kIntroduction);
  for (const ThreatRule& rule : rules) {
    text += fmt::format(
        "\n[[rule]]\ntechnique_id = {}\ntechnique = {}\ntactic_id = {}\ntactic = {}\nmeasure = {}\nat_least = {}\n"
        "min_score = {}\nbase_confidence = {}\nmitigation = {}\n",
        toml_string(rule.technique_id), toml_string(rule.technique), toml_string(rule.tactic_id),
        toml_string(rule.tactic), toml_string(to_string(rule.measure)), rule.at_least, rule.min_score,
        rule.base_confidence, toml_string(rule.mitigation));
  }
  return text;
}

}  // namespace topoforge
