#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "topoforge/base/result.hpp"
#include "topoforge/codec/text/setting_entry.hpp"

/// Purpose: the variables of a `.env` file. A line is `KEY=VALUE`, with `export` before it or without, empty, or a
/// comment that begins with #. A value in single quotes is taken as it is; in double quotes \n, \r, \t, \\, \", \' and
/// \$ are escapes; both may go over several lines. A value without quotes ends at its line or at a # behind a blank,
/// and blanks around it are left out. Nothing is put in the place of $NAME: passwords and addresses have dollar signs.
/// Thread safety: pure.
namespace topoforge {

inline constexpr std::size_t kMaxDotenvBytes = 256U << 10U;

/// In the order of the lines, a variable that is set twice included twice. name: how messages call the text.
/// Errors: invalid_data, limit_exceeded; the message names the text and the line, and quotes no value. O(text).
Result<std::vector<SettingEntry>> read_dotenv(std::string_view text, std::string_view name);

}  // namespace topoforge
