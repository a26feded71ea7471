#pragma once

#include <memory>

#include <CLI/CLI.hpp>

#include "topoforge/settings.hpp"

/// Purpose: the options of `topoforge serve` for a command that shows them. Thread safety: one owner.
namespace topoforge {

/// Call it before the command is parsed, and keep the result until it was: the values are written there.
std::shared_ptr<const Settings> add_serve_options(CLI::App& command);

}  // namespace topoforge
