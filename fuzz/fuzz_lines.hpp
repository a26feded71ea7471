#pragma once

#include <algorithm>
#include <optional>
#include <string_view>

#include "require.hpp"
#include "topoforge/codec/text/event_reader.hpp"

/// Purpose: what the fuzz targets of texts have in common. Thread safety: pure.
namespace topoforge {

/// The lines of a text that outlives them.
inline NextLine lines_of(std::string_view text) {
  return [rest = text]() mutable -> Result<std::optional<std::string_view>> {
    if (rest.empty()) return std::optional<std::string_view>{};
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    return std::optional<std::string_view>{line};
  };
}

}  // namespace topoforge
