#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include <fmt/format.h>

/// Purpose: what is said of many durations. Thread safety: pure.
namespace topoforge::load {

/// Members of a JSON object: milliseconds. durations are sorted.
inline std::string quantiles_json(std::vector<std::chrono::nanoseconds>& durations) {
  if (durations.empty()) return R"("p50_ms":null,"p99_ms":null,"max_ms":null)";
  std::ranges::sort(durations);
  const auto at = [&](double share) {
    const auto index = static_cast<std::size_t>(std::ceil(share * static_cast<double>(durations.size()))) - 1;
    return std::chrono::duration<double, std::milli>(durations[index]).count();
  };
  return fmt::format(R"("p50_ms":{:.3f},"p99_ms":{:.3f},"max_ms":{:.3f})", at(0.5), at(0.99), at(1.0));
}

}  // namespace topoforge::load
