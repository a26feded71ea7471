#pragma once

#include <cstddef>
#include <string_view>

/// Purpose: comparison of secrets. Thread safety: pure.
namespace topoforge {

/// Whether the texts are equal, in a time that tells their lengths and nothing of where they differ.
inline bool equal_in_constant_time(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  // volatile: the compiler may not leave the loop at the first difference.
  volatile unsigned char difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference = static_cast<unsigned char>(difference | (static_cast<unsigned char>(a[i] ^ b[i])));
  }
  return difference == 0;
}

}  // namespace topoforge
