#pragma once

#include <functional>

#include <CLI/CLI.hpp>

#include "topoforge/base/result.hpp"

/// Purpose: how a subcommand joins the program. A command's add function declares its options on the app and, when
/// the user chose it, leaves in `action` what is to be done. main() turns the result into a message and an exit code:
/// invalid_argument is wrong use (2), any other error a failure at work (1).
namespace topoforge {

using Action = std::function<Result<void>()>;

inline constexpr int kExitSuccess = 0;
inline constexpr int kExitFailure = 1;
inline constexpr int kExitUsage = 2;

}  // namespace topoforge
