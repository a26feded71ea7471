#pragma once

#include <cstddef>
#include <string>
#include <vector>

/// Purpose: axes of charts: round ticks and numbers short enough to be read. Thread safety: pure.
namespace topoforge {

struct AxisTick {
  double value = 0.0;
  std::string label;
};

/// Multiples of 1, 2 or 5 times a power of ten within [low, high], about `wanted` of them and never more than twice as
/// many; where low == high or no such step fits into a double, the two ends. low <= high, both finite.
std::vector<AxisTick> axis_ticks(double low, double high, std::size_t wanted = 5);

/// At most `digits` significant digits, without trailing zeros: "0.1235", "1.2e+09".
std::string short_number(double value, int digits = 4);

/// Whole numbers with thousands apart: "1,234,567".
std::string grouped_number(std::size_t value);

}  // namespace topoforge
