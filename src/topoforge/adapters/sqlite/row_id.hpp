#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Purpose: the number of a row as the id that the stores give out: 16 hexadecimal digits, so that ids sort as their
/// rows were inserted. Thread safety: pure.
namespace topoforge::sqlite {

std::string id_text(std::int64_t row);
/// Nothing for a text that id_text() does not make.
std::optional<std::int64_t> row_of(std::string_view id);

}  // namespace topoforge::sqlite
