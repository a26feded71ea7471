#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "topoforge/adapters/host/proc_text.hpp"
#include "topoforge/adapters/host/sampler_clock.hpp"
#include "topoforge/base/result.hpp"
#include "topoforge/ports/event_source.hpp"

/// Purpose: this host as a stream of events, read from /proc at a fixed rate. Linux alone.
///
/// Channels, in this order (a channel whose file cannot be read at the start is left out):
///   cpu_user cpu_system cpu_iowait cpu_other   share of all processors' time since the last event, in [0, 1]; idle
///                                              is what is left to 1
///   load_1m                                    mean number of runnable tasks in the last minute
///   memory_used                                share of the memory, in [0, 1]
///   disk_read_log disk_write_log               bytes per second over whole disks
///   net_rx_log net_tx_log                      bytes per second over all interfaces with the loopback
///   net_rx_packets_log net_tx_packets_log      packets per second, the same
///   context_switches_log                       switches per second
/// Rates are heavy-tailed, and a burst is many times the usual, so a channel `x_log` holds log1p(rate / unit), with the
/// unit of kRateUnits: about proportional to the rate below one unit, where noise lives, and a step of 0.7 a doubling
/// above. unit * expm1(x_log) gives the rate; each event has it as attribute too ("net_rx": "1520 B/s").
///
/// Events come at absolute deadlines start + k * period: no drift. A deadline that has passed when its turn comes is
/// skipped and counted. Rates are over the time that really passed. The channels of a file that cannot be read for a
/// while hold their values; a device that comes or goes, and a counter that is reset (see counter_growth), add nothing
/// to the step in which they do.
/// Thread safety: one owner at a time. Memory: bounded by the number of devices.
namespace topoforge {

struct HostSamplerOptions {
  double rate_hz = 10.0;  ///< events per second, kMinSampleRateHz to kMaxSampleRateHz
  std::string proc_root = "/proc";
  std::string entity = {};  ///< empty: the host's name
};
inline constexpr double kMinSampleRateHz = 0.1;
inline constexpr double kMaxSampleRateHz = 100.0;

struct RateUnit {
  const char* channel;
  double unit;        ///< rate at which the transform turns from proportional to logarithmic
  const char* label;  ///< of the attribute
};
inline constexpr std::array<RateUnit, 7> kRateUnits = {{{"disk_read_log", 65536.0, "B/s"},
                                                        {"disk_write_log", 65536.0, "B/s"},
                                                        {"net_rx_log", 4096.0, "B/s"},
                                                        {"net_tx_log", 4096.0, "B/s"},
                                                        {"net_rx_packets_log", 20.0, "packets/s"},
                                                        {"net_tx_packets_log", 20.0, "packets/s"},
                                                        {"context_switches_log", 1000.0, "switches/s"}}};

class HostSampler final : public EventSource {
 public:
  /// Reads every file once. Errors: invalid_argument for the rate; unavailable when no file can be read.
  static Result<std::unique_ptr<HostSampler>> open(HostSamplerOptions options, std::unique_ptr<SamplerClock> clock);

  /// Blocks until the next deadline. Nothing when the clock was asked to stop.
  Result<std::optional<Event>> next() override;

  /// What was left out at the start: "cannot read /proc/diskstats: no channels disk_read_log, disk_write_log".
  [[nodiscard]] const std::vector<std::string>& notices() const { return notices_; }
  /// Deadlines skipped because their time had passed.
  [[nodiscard]] std::uint64_t skipped() const { return skipped_; }

 private:
  /// One reading; an absent member could not be read.
  struct Reading {
    SamplerClock::Instant at;
    std::optional<CpuTicks> cpu;
    std::optional<std::uint64_t> context_switches;
    std::optional<double> load;
    std::optional<double> memory_used;
    std::optional<std::map<std::string, DiskCounters>> disks;
    std::optional<std::map<std::string, InterfaceCounters>> interfaces;
  };

  HostSampler(HostSamplerOptions options, std::unique_ptr<SamplerClock> clock);
  [[nodiscard]] Reading read();
  void declare_channels();
  void declare(bool readable, std::string_view file, std::initializer_list<std::string_view> channels);
  void update(const Reading& now);
  void update_cpu(const CpuTicks& before, const CpuTicks& now);
  void set(std::string_view channel, double value);
  void set_rate(std::string_view channel, double rate);
  /// Waits for the next deadline that has not passed; false when asked to stop.
  bool wait_for_turn();

  HostSamplerOptions options_;
  std::unique_ptr<SamplerClock> clock_;
  SamplerClock::Instant start_;
  std::uint64_t tick_ = 0;
  std::uint64_t skipped_ = 0;
  Reading last_;
  Event event_;  ///< the last one; what a reading does not tell is held
  std::vector<std::string> notices_;
};

}  // namespace topoforge
