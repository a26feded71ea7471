#pragma once

#include <string>

#include "topoforge/base/result.hpp"

/// Purpose: a password that somebody types. Thread safety: one caller at a time.
namespace topoforge {

/// A line of standard input; on a terminal it is asked for and not shown. An option would show it to others.
/// Errors: invalid_argument without a line.
Result<std::string> read_password();

}  // namespace topoforge
