#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "topoforge/base/result.hpp"
#include "topoforge/codec/text/setting_entry.hpp"

/// Purpose: the settings of a `topoforge.toml`: keys of texts, numbers and booleans, without tables.
/// Thread safety: pure.
namespace topoforge {

inline constexpr std::size_t kMaxSettingsBytes = 256U << 10U;

/// In the order of the lines; numbers and booleans as text that reads back as the same. name: how messages call the
/// text. Errors: invalid_data with name and line for what is no TOML, or a value of another kind; limit_exceeded.
Result<std::vector<SettingEntry>> read_settings_toml(std::string_view text, std::string_view name);

}  // namespace topoforge
