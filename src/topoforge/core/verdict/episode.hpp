#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

/// Purpose: consecutive alarms are one incident. Thread safety: one tracker per stream, one owner at a time.
namespace topoforge {

struct Episode {
  std::uint64_t start = 0;       ///< sequence number of the first alarmed event
  std::uint64_t peak = 0;        ///< of the event with the highest score
  std::uint64_t last_alarm = 0;  ///< of the last alarmed event
  double peak_score = 0.0;
  std::size_t alarms = 0;
  bool open = true;

  bool operator==(const Episode&) const = default;
};

enum class EpisodeChange { none, opened, continued, closed };

class EpisodeTracker {
 public:
  /// An episode closes after `quiet_events` events in a row without an alarm.
  explicit EpisodeTracker(std::size_t quiet_events) : quiet_events_(quiet_events) {}

  /// O(1). `closed` is said once, at the event that closes the episode; current() then still shows it.
  EpisodeChange update(std::uint64_t sequence, double score, bool alarm);
  [[nodiscard]] const std::optional<Episode>& current() const { return episode_; }

 private:
  std::size_t quiet_events_;
  std::optional<Episode> episode_;
};

}  // namespace topoforge
