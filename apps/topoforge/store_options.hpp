#pragma once

#include <CLI/CLI.hpp>

#include "topoforge/stores.hpp"

/// Purpose: `--data-dir`, `--database-name` and MONGODB_URI, as every command has them that works on what the server
/// keeps. Thread safety: one owner.
namespace topoforge {

/// The settings must be in use (settings.hpp); options must live as long as the command.
void add_store_options(CLI::App& command, StoreOptions& options);

}  // namespace topoforge
