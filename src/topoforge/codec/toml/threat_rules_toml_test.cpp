#include "topoforge/codec/toml/threat_rules_toml.hpp"

#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace topoforge {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr std::string_view kSound = R"([[rule]]
technique_id = "T1071.001"
technique = "Web Protocols"
tactic_id = "TA0011"
tactic = "Command and Control"
measure = "betti_h1"
at_least = 3
min_score = 0.25
base_confidence = 1
mitigation = "Look at the proxy's log."
)";

std::string with(std::string_view from, std::string_view to) {
  std::string text(kSound);
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

std::vector<std::string> problems(std::string_view text) { return read_threat_rules(text, "my.toml").problems; }

TEST(ThreatRulesToml, ReadsEveryField) {
  const auto rules = threat_rules_from_toml(kSound, "my.toml");
  ASSERT_TRUE(rules.has_value()) << rules.error().message;
  EXPECT_THAT(*rules, ElementsAre(ThreatRule{.technique_id = "T1071.001",
                                             .technique = "Web Protocols",
                                             .tactic_id = "TA0011",
                                             .tactic = "Command and Control",
                                             .measure = ThreatMeasure::betti_h1,
                                             .at_least = 3,
                                             .min_score = 0.25,
                                             .base_confidence = 1,
                                             .mitigation = "Look at the proxy's log."}));
}

TEST(ThreatRulesToml, DefaultTableSurvivesWritingAndReading) {
  const std::string text = threat_rules_to_toml(default_threat_rules());
  EXPECT_THAT(text, StartsWith("# Threat rules"));
  const auto rules = threat_rules_from_toml(text, "default.toml");
  ASSERT_TRUE(rules.has_value()) << rules.error().message;
  EXPECT_EQ(*rules, default_threat_rules());
}

TEST(ThreatRulesToml, AnyTextAndNumberSurvivesWritingAndReading) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937 random(seed);
  std::uniform_int_distribution<int> byte(1, 127);
  std::uniform_real_distribution<double> unit(0.0, 1.0);
  for (int round = 0; round < 200; ++round) {
    std::vector<ThreatRule> rules(1 + round % 3, default_threat_rules().front());
    for (std::size_t i = 0; i < rules.size(); ++i) {
      ThreatRule& rule = rules[i];
      rule.measure = static_cast<ThreatMeasure>(i);
      rule.mitigation = "größer \xF0\x9F\x94\x8D ";
      for (int k = 0; k < 60; ++k) rule.mitigation += static_cast<char>(byte(random));
      rule.at_least = unit(random);
      rule.min_score = unit(random);
      rule.base_confidence = 1.0 - unit(random);
    }
    const std::string text = threat_rules_to_toml(rules);
    const auto read = threat_rules_from_toml(text, "random.toml");
    ASSERT_TRUE(read.has_value()) << read.error().message << "\n" << text;
    ASSERT_EQ(*read, rules) << text;
  }
}

TEST(ThreatRulesToml, GrammarErrorNamesLineAndColumn) {
  const auto found = problems(with("at_least = 3", "at_least = = 3"));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_THAT(found[0], StartsWith("my.toml:7:12: not TOML: "));
}

struct Case {
  std::string text;
  std::string expected;
};

TEST(ThreatRulesToml, ProblemNamesPlaceFieldAndWhatWasWanted) {
  const std::vector<Case> cases = {
      {with("at_least", "at_most"), "my.toml:7:1: rule 1: unknown key 'at_most'; wanted one of technique_id, "},
      {with("measure = \"betti_h1\"\n", ""), "my.toml:1:1: rule 1, measure: is missing"},
      {with("at_least = 3\n", ""), "my.toml:1:1: rule 1, at_least: is missing"},
      {with("betti_h1", "betti_h7"), "my.toml:6:11: rule 1, measure: 'betti_h7' is unknown; wanted anomaly_score, "},
      {with("= 3", "= \"3\""), "my.toml:7:12: rule 1, at_least: is a text; wanted a number"},
      {with("= 3", "= true"), "my.toml:7:12: rule 1, at_least: is a boolean; wanted a number"},
      {with("= 3", "= 2026-01-01"), "my.toml:7:12: rule 1, at_least: is a date or time; wanted a number"},
      {with("= 3", "= nan"), "my.toml:7:12: rule 1, at_least: nan is not a finite number of at least 0"},
      {with("= 3", "= -3"), "my.toml:7:12: rule 1, at_least: -3 is not a finite number of at least 0"},
      {with("= 0.25", "= 1.25"), "my.toml:8:13: rule 1, min_score: 1.25 is outside [0, 1]"},
      {with("= 1\n", "= 0\n"), "my.toml:9:19: rule 1, base_confidence: 0 is outside (0, 1]"},
      {with("\"TA0011\"", "11"), "my.toml:4:13: rule 1, tactic_id: is a whole number; wanted a text in quotes"},
      {with("TA0011", "TA11"), "my.toml:4:13: rule 1, tactic_id: \"TA11\" is not a tactic id like TA0011"},
      {with("\"Web Protocols\"", "[]"), "my.toml:3:13: rule 1, technique: is an array; wanted a text in quotes"},
      {with("\"Web Protocols\"", "{a = 1}"), "my.toml:3:13: rule 1, technique: is a table; wanted a text in quotes"},
      {with("[[rule]]", "[rule]"), "my.toml:1:1: rule is a table; wanted tables that begin with [[rule]]"},
      {"rule = [3]", "my.toml:1:9: rule 1 is a whole number; wanted a table"},
      {"rule = 3", "my.toml:1:8: rule is a whole number; wanted tables"},
      {with("[[rule]]", "version = 1\n[[rule]]"), "my.toml:1:1: unknown key 'version'; wanted [[rule]] tables"},
      {"", "my.toml: the table of threat rules is empty; wanted at least one"},
      {"# only words\n", "my.toml: the table of threat rules is empty"},
  };
  for (const Case& bad : cases) {
    const auto found = problems(bad.text);
    ASSERT_THAT(found, testing::Not(IsEmpty())) << bad.expected;
    const auto says_it = [&](const std::string& problem) { return problem.starts_with(bad.expected); };
    EXPECT_TRUE(std::any_of(found.begin(), found.end(), says_it)) << bad.expected << "\n" << found[0];
    const auto rules = threat_rules_from_toml(bad.text, "my.toml");
    ASSERT_FALSE(rules.has_value());
    EXPECT_EQ(rules.error().code, ErrorCode::invalid_data);
  }
}

TEST(ThreatRulesToml, EachFaultIsSaidOnceInTheOrderOfLines) {
  const std::string bad = with("tactic = \"Command and Control\"\n", "") + with("betti_h1", "score");
  EXPECT_THAT(problems(bad), ElementsAre("my.toml:1:1: rule 1, tactic: is missing",
                                         StartsWith("my.toml:15:11: rule 2, measure: 'score' is unknown")));
  const auto rules = threat_rules_from_toml(bad, "my.toml");
  ASSERT_FALSE(rules.has_value());
  EXPECT_EQ(rules.error().message, "my.toml:1:1: rule 1, tactic: is missing (and 1 more problem)");
}

TEST(ThreatRulesToml, SameRuleTwiceIsRefused) {
  EXPECT_THAT(problems(std::string(kSound) + std::string(kSound)),
              ElementsAre("my.toml:16:11: rule 2, measure: \"T1071.001\" by betti_h1 stands in rule 1 already"));
}

TEST(ThreatRulesToml, LargeFilesAndManyRulesAreRefusedByTheirBound) {
  EXPECT_THAT(problems(std::string(kMaxThreatRulesBytes + 1, '#')),
              ElementsAre("my.toml: the file has 262145 bytes; at most 262144 are allowed"));
  std::string many;
  for (std::size_t i = 0; i <= kMaxThreatRules; ++i) many += "[[rule]]\n";
  EXPECT_THAT(problems(many), ElementsAre("my.toml: the table has 257 threat rules; at most 256 are allowed"));
}

TEST(ThreatRulesToml, DeepNestingIsAnErrorAndNoCrash) {
  std::string arrays = "rule = ";
  for (int i = 0; i < 5000; ++i) arrays += "[";
  EXPECT_THAT(problems(arrays), ElementsAre(HasSubstr("not TOML: ")));
  std::string dots;
  for (int i = 0; i < 5000; ++i) dots += "a.";
  EXPECT_THAT(problems(dots + "a = 1"), testing::Contains(HasSubstr("unknown key 'a'")));
}

TEST(ThreatRulesToml, TextThatIsNoUtf8IsRefused) {
  EXPECT_THAT(problems(with("Web", "W\xff")), ElementsAre(HasSubstr("not TOML: ")));
}

TEST(ThreatRulesToml, ByteOrderMarkAndCarriageReturnsAreRead) {
  std::string text = "\xEF\xBB\xBF";
  for (const char c : kSound) {
    if (c == '\n') text += '\r';
    text += c;
  }
  EXPECT_THAT(problems(text), IsEmpty());
}

}  // namespace
}  // namespace topoforge
