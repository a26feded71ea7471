#pragma once

#include <cstddef>
#include <string>

/// Purpose: one setting as a file of settings has it. Thread safety: values.
namespace topoforge {

struct SettingEntry {
  std::string key;
  std::string value;     ///< as text, whatever its type in the file
  std::size_t line = 0;  ///< of the key, from 1

  bool operator==(const SettingEntry&) const = default;
};

}  // namespace topoforge
