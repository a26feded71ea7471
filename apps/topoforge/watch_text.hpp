#pragma once

#include <cstdint>
#include <string>

#include "topoforge/core/event/event.hpp"
#include "topoforge/core/pipeline/analysis.hpp"
#include "topoforge/core/pipeline/pipeline.hpp"

/// Purpose: what `topoforge watch` says to a person. Thread safety: pure functions.
namespace topoforge {

/// "warming up 62 %", "learning", "normal", "ANOMALY".
std::string watch_state(const PushOutcome& outcome, std::size_t window);

/// One line: time, channels of the host sampler in their own units, score, state.
std::string watch_line(const Event& event, const PushOutcome& outcome, std::size_t window);

/// Lines (each with its end) when an episode opens or closes; empty otherwise.
std::string watch_episode(const Analysis& analysis, double rate_hz);

struct WatchSummary {
  std::uint64_t events = 0;
  std::uint64_t analyses = 0;
  std::uint64_t alarms = 0;
  std::uint64_t episodes = 0;
  std::uint64_t skipped = 0;
  bool episode_open = false;
  double seconds = 0.0;
};
std::string to_text(const WatchSummary& summary);
std::string to_json_line(const WatchSummary& summary);

}  // namespace topoforge
