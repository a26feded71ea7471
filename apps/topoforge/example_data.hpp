#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "topoforge/base/result.hpp"
#include "topoforge/ports/anomaly_store.hpp"

/// Purpose: anomalies to look at where there is no real data yet. They are what the pipeline finds in generated streams
/// of the last kExampleDays days. Thread safety: pure.
namespace topoforge {

inline constexpr int kExampleDays = 7;
inline constexpr std::array<std::string_view, 3> kExampleSources = {"example-web", "example-pumps", "example-hosts"};

/// The last event of each stream is at `now`; but for the times, the same seed gives the same anomalies.
Result<std::vector<NewAnomaly>> example_anomalies(Timestamp now, std::uint64_t seed);

}  // namespace topoforge
