#pragma once

#include <cstddef>
#include <string_view>

#include "topoforge/base/result.hpp"

/// Purpose: what a file that a person edits must be before it is read. Thread safety: pure.
namespace topoforge {

/// UTF-8 without NUL, of at most max_bytes. name: how messages call the text.
/// Errors: limit_exceeded; invalid_data with the line of the first byte that is no text.
Result<void> check_text(std::string_view text, std::string_view name, std::size_t max_bytes);

}  // namespace topoforge
