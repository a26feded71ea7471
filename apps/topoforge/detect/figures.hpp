#pragma once

#include <cstdint>
#include <string>

/// Purpose: figures as people read them. Thread safety: pure.
namespace topoforge {

/// "1,234,567"
std::string with_commas(std::uint64_t number);

}  // namespace topoforge
