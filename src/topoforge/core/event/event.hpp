#pragma once

#include <chrono>
#include <compare>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "topoforge/base/result.hpp"

/// Purpose: one event of a stream, as it enters. Units: times are UTC, microseconds. Thread safety: values.
namespace topoforge {

using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;

/// Events of one source and entity form one stream and are analysed together. An empty entity is the source itself.
struct StreamKey {
  std::string source;
  std::string entity;

  auto operator<=>(const StreamKey&) const = default;
};

struct Measurement {
  std::string channel;
  double value = 0.0;

  bool operator==(const Measurement&) const = default;
};

/// `{"value": x}` is one measurement of the channel "value"; `{"values": {...}}` one per member.
struct Event {
  StreamKey stream;
  std::optional<Timestamp> timestamp;
  std::vector<Measurement> values;
  std::vector<std::pair<std::string, std::string>> attributes;  ///< kept for the explanation, not analysed
  std::string id;                                               ///< empty: none; a repeated id is not counted twice

  bool operator==(const Event&) const = default;
};

/// Named limits of an event.
inline constexpr std::size_t kMaxChannels = 1024;
inline constexpr std::size_t kMaxNameBytes = 256;
inline constexpr std::size_t kMaxAttributes = 64;
inline constexpr std::size_t kMaxAttributeBytes = 4096;
/// Values beyond it would overflow squared distances.
inline constexpr double kMaxAbsoluteValue = 1e150;

/// Refuses: no values, an empty or repeated channel name, a NaN or infinite value or one beyond kMaxAbsoluteValue,
/// a bound above. The message names the channel. O(values * log values).
Result<void> validate(const Event& event);

}  // namespace topoforge
