#pragma once

#include "topoforge/command.hpp"

/// Purpose: the subcommands, in the order in which --help shows them. Each stands in <name>_command.cpp.
namespace topoforge {

void add_detect_command(CLI::App& app, Action& action);
void add_serve_command(CLI::App& app, Action& action);
void add_watch_command(CLI::App& app, Action& action);
void add_diagram_command(CLI::App& app, Action& action);
void add_user_command(CLI::App& app, Action& action);
void add_config_command(CLI::App& app, Action& action);
void add_backup_command(CLI::App& app, Action& action);
void add_seed_command(CLI::App& app, Action& action);
void add_migrate_command(CLI::App& app, Action& action);
void add_rules_command(CLI::App& app, Action& action);
/// Goes last: what it prints is read off the other commands.
void add_completion_command(CLI::App& app, Action& action);

}  // namespace topoforge
