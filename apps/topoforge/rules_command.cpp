#include <memory>
#include <string>

#include <fmt/format.h>

#include "topoforge/codec/toml/threat_rules_toml.hpp"
#include "topoforge/commands.hpp"
#include "topoforge/text_file.hpp"

namespace topoforge {
namespace {

Result<void> check_file(const std::string& path) {
  const auto text = read_text_file(path, kMaxThreatRulesBytes);
  if (!text) return tl::unexpected(text.error());
  const ThreatRulesReading reading = read_threat_rules(*text, path);
  if (reading.problems.empty()) {
    const std::size_t count = reading.rules.size();
    fmt::print("{}: ok, {} {}\n", path, count, count == 1 ? "rule" : "rules");
    return {};
  }
  for (const std::string& problem : reading.problems) fmt::print(stderr, "{}\n", problem);
  const std::size_t count = reading.problems.size();
  return fail(ErrorCode::invalid_data, fmt::format("{} {} in {}", count, count == 1 ? "problem" : "problems", path));
}

}  // namespace

void add_rules_command(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("rules", "Print the default table of ATT&CK threat rules, or check one");
  const auto path = std::make_shared<std::string>();
  const CLI::Option* check =
      command->add_option("--check", *path, "Check this table and say every problem")->type_name("FILE");
  command->footer(
      "Examples:\n"
      "  topoforge rules > my_rules.toml\n"
      "  topoforge rules --check my_rules.toml");
  command->callback([&action, path, check] {
    const bool checking = check->count() > 0;
    action = [path, checking]() -> Result<void> {
      if (checking) return check_file(*path);
      fmt::print("{}", threat_rules_to_toml(default_threat_rules()));
      return {};
    };
  });
}

}  // namespace topoforge
