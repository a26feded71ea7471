#pragma once

#include <string>
#include <string_view>

/// Purpose: texts whose case does not count, such as names of headers. Thread safety: pure; the locale plays no part.
namespace topoforge {

/// The letters A to Z in lower case; other bytes stay.
inline std::string lower_case(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

}  // namespace topoforge
