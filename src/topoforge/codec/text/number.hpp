#pragma once

#include <optional>
#include <string_view>

/// Purpose: numbers and blanks as tables show them. Thread safety: pure; the locale plays no part.
namespace topoforge {

/// Without spaces and tabs at both ends.
std::string_view trimmed(std::string_view text);

/// A decimal number with optional sign, fraction and exponent, spaces around it allowed; the nearest double. Nothing
/// for any other text, NaN, infinity and magnitudes above kMaxAbsoluteValue.
std::optional<double> parse_number(std::string_view text);

/// "nan", "inf", "na", "n/a", "null" and "none" in any case, with or without sign: what programs write where a number
/// is missing or broken.
bool is_broken_number(std::string_view text);

}  // namespace topoforge
