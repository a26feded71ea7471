#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "topoforge/base/result.hpp"
#include "topoforge/core/threat/threat_classifier.hpp"

/// Purpose: `--threat-rules FILE`, as every command that gives verdicts has it. Thread safety: one owner.
namespace topoforge {

/// path must live as long as the command.
void add_threat_rules_option(CLI::App& command, std::string& path);

/// The rules of the file, or the default table for an empty path. Errors: io, limit_exceeded, invalid_data with the
/// place in the file.
Result<std::vector<ThreatRule>> load_threat_rules(const std::string& path);

}  // namespace topoforge
