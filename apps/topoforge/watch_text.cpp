#include "topoforge/watch_text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include <fmt/format.h>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "topoforge/adapters/host/host_sampler.hpp"
#include "topoforge/codec/text/timestamp.hpp"

namespace topoforge {
namespace {

/// Below it verdicts stand on few windows.
constexpr double kLearntConfidence = 0.5;

std::optional<double> value_of(const Event& event, std::string_view channel) {
  for (const Measurement& measurement : event.values) {
    if (measurement.channel == channel) return measurement.value;
  }
  return std::nullopt;
}

/// 812, 1.2k, 34M: four places wide.
std::string compact(double value) {
  constexpr std::array<const char*, 5> kPrefixes = {"", "k", "M", "G", "T"};
  std::size_t power = 0;
  while (value >= 999.5 && power + 1 < kPrefixes.size()) {
    value /= 1000.0;
    ++power;
  }
  return fmt::format("{:.{}f}{}", value, power > 0 && value < 9.95 ? 1 : 0, kPrefixes[power]);
}

std::string rate_text(const Event& event, std::string_view channel) {
  const auto unit = std::find_if(kRateUnits.begin(), kRateUnits.end(),
                                 [&](const RateUnit& known) { return known.channel == channel; });
  const auto value = value_of(event, channel);
  if (!value || unit == kRateUnits.end()) return "-";
  return compact(unit->unit * std::expm1(*value));
}

std::string cpu_text(const Event& event) {
  const auto percent = [&](std::string_view channel) { return 100.0 * value_of(event, channel).value_or(0.0); };
  if (!value_of(event, "cpu_user")) return {};
  const double user = percent("cpu_user");
  const double system = percent("cpu_system");
  const double iowait = percent("cpu_iowait");
  const double other = percent("cpu_other");
  return fmt::format(" cpu {:3.0f}% (user {:.0f} sys {:.0f} wait {:.0f} other {:.0f})", user + system + iowait + other,
                     user, system, iowait, other);
}

/// "23:18:02Z" of the ISO 8601 text.
std::string clock_text(const std::optional<Timestamp>& time) {
  if (!time) return "--:--:--Z";
  return format_timestamp(*time).substr(11, 8) + "Z";
}

}  // namespace

std::string watch_state(const PushOutcome& outcome, std::size_t window) {
  if (outcome.events_until_verdict > 0 || !outcome.analysis) {
    const std::size_t left = std::min(outcome.events_until_verdict, window);
    return fmt::format("warming up {} %", 100 * (window - left) / window);
  }
  const Analysis& analysis = *outcome.analysis;
  if (analysis.is_anomaly || (analysis.episode && analysis.episode->open)) return "ANOMALY";
  return analysis.confidence < kLearntConfidence ? "learning" : "normal";
}

std::string watch_line(const Event& event, const PushOutcome& outcome, std::size_t window) {
  std::string line = clock_text(event.timestamp) + cpu_text(event);
  if (const auto load = value_of(event, "load_1m")) line += fmt::format(" load {:.2f}", *load);
  if (const auto memory = value_of(event, "memory_used")) line += fmt::format(" mem {:.0f}%", 100.0 * *memory);
  if (value_of(event, "disk_read_log")) {
    line += fmt::format(" disk r {} w {}", rate_text(event, "disk_read_log"), rate_text(event, "disk_write_log"));
  }
  if (value_of(event, "net_rx_log")) {
    line += fmt::format(" net rx {} tx {}", rate_text(event, "net_rx_log"), rate_text(event, "net_tx_log"));
  }
  if (value_of(event, "context_switches_log")) line += " ctxt " + rate_text(event, "context_switches_log");
  line += outcome.analysis ? fmt::format(" | score {:.2f} ", outcome.analysis->anomaly_score) : " | ";
  return line + watch_state(outcome, window);
}

std::string watch_episode(const Analysis& analysis, double rate_hz) {
  if (!analysis.episode) return {};
  const Episode& episode = *analysis.episode;
  const std::string time = clock_text(analysis.timestamp);
  if (analysis.episode_change == EpisodeChange::closed) {
    const double seconds = static_cast<double>(episode.last_alarm - episode.start + 1) / rate_hz;
    return fmt::format("{} anomaly over: {:.1f} s, {} {}, peak score {:.2f}\n", time, seconds, episode.alarms,
                       episode.alarms == 1 ? "alarm" : "alarms", episode.peak_score);
  }
  if (analysis.episode_change != EpisodeChange::opened) return {};
  std::string text =
      fmt::format("{} ANOMALY: score {:.2f} ({} risk), p {:.2g}, confidence {:.2f}\n", time, analysis.anomaly_score,
                  to_string(analysis.risk_level), analysis.p_value, analysis.confidence);
  text += fmt::format("    {}\n", analysis.explanation);
  for (const ThreatCandidate& threat : analysis.security.threats) {
    text += fmt::format("    candidate {} {} ({}), confidence {:.2f}: {}\n      {}\n", threat.technique_id,
                        threat.technique, threat.tactic, threat.confidence, threat.evidence, threat.mitigation);
  }
  return text;
}

std::string to_text(const WatchSummary& summary) {
  std::string text =
      fmt::format("{} {} in {:.1f} s, {} {}, {} {}", summary.events, summary.events == 1 ? "event" : "events",
                  summary.seconds, summary.episodes, summary.episodes == 1 ? "episode" : "episodes", summary.alarms,
                  summary.alarms == 1 ? "alarm" : "alarms");
  if (summary.episode_open) text += "; the last episode is still open";
  if (summary.analyses == 0) text += "; no verdict yet, the window was not full";
  if (summary.skipped > 0) text += fmt::format("; {} readings came too late and were left out", summary.skipped);
  return text + "\n";
}

std::string to_json_line(const WatchSummary& summary) {
  const boost::json::object object = {
      {"type", "summary"},
      {"events", summary.events},
      {"analyses", summary.analyses},
      {"episodes", summary.episodes},
      {"alarms", summary.alarms},
      {"episode_open", summary.episode_open},
      {"skipped", summary.skipped},
      {"seconds", summary.seconds},
  };
  return boost::json::serialize(object) + "\n";
}

}  // namespace topoforge
