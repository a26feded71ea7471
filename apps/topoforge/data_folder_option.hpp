#pragma once

#include <string>

#include <CLI/CLI.hpp>

/// Purpose: `--data-dir`, as every command has it that works on what the server keeps. Thread safety: one owner.
namespace topoforge {

/// folder must live as long as the command.
void add_data_folder_option(CLI::App& command, std::string& folder);

}  // namespace topoforge
