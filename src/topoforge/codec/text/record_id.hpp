#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Purpose: the number of a row or counter as the id that the stores give out: 16 hexadecimal digits, so that ids sort
/// as they were given. Thread safety: pure.
namespace topoforge {

std::string id_text(std::int64_t number);
/// Nothing for a text that id_text() does not make.
std::optional<std::int64_t> number_of_id(std::string_view id);

}  // namespace topoforge
