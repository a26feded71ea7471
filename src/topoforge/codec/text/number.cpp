#include "topoforge/codec/text/number.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <string>
#include <system_error>

#include "topoforge/core/event/event.hpp"

namespace topoforge {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string_view without_plus(std::string_view text) {
  const bool signed_number = text.size() > 1 && text[0] == '+' && text[1] != '-' && text[1] != '+';
  return signed_number ? text.substr(1) : text;
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::optional<double> parse_number(std::string_view text) {
  text = without_plus(trimmed(text));
  double number = 0.0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  if (read.ptr != end || read.ec == std::errc::invalid_argument) return std::nullopt;
  // from_chars says out of range of a number below the least double, too; strtod tells zero from infinity.
  if (read.ec == std::errc::result_out_of_range) number = std::strtod(std::string(text).c_str(), nullptr);
  if (!std::isfinite(number) || std::abs(number) > kMaxAbsoluteValue) return std::nullopt;
  return number;
}

bool is_broken_number(std::string_view text) {
  constexpr std::array<std::string_view, 7> kWords = {"nan", "inf", "infinity", "na", "n/a", "null", "none"};
  text = trimmed(text);
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) text.remove_prefix(1);
  return std::any_of(kWords.begin(), kWords.end(), [&](std::string_view word) {
    return std::equal(text.begin(), text.end(), word.begin(), word.end(), [](char a, char b) { return lower(a) == b; });
  });
}

}  // namespace topoforge
