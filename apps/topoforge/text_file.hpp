#pragma once

#include <cstddef>
#include <string>

#include "topoforge/base/result.hpp"

/// Purpose: the small text files that options name. Thread safety: pure but for the file system.
namespace topoforge {

/// Whole content. Errors: io when it cannot be read, limit_exceeded beyond max_bytes; the message names the file.
Result<std::string> read_text_file(const std::string& path, std::size_t max_bytes);

}  // namespace topoforge
