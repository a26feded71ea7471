#include "topoforge/threat_rules_option.hpp"

#include "topoforge/codec/toml/threat_rules_toml.hpp"
#include "topoforge/text_file.hpp"

namespace topoforge {

void add_threat_rules_option(CLI::App& command, std::string& path) {
  command.add_option("--threat-rules", path, "TOML file of ATT&CK rules; `topoforge rules` prints one to start from")
      ->type_name("FILE");
}

Result<std::vector<ThreatRule>> load_threat_rules(const std::string& path) {
  if (path.empty()) return default_threat_rules();
  return read_text_file(path, kMaxThreatRulesBytes).and_then([&](const std::string& text) {
    return threat_rules_from_toml(text, path);
  });
}

}  // namespace topoforge
