#include "topoforge/adapters/host/host_sampler.hpp"

#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <fstream>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace topoforge {
namespace {

constexpr std::size_t kMaxProcFileBytes = 1 << 20;

/// Empty when it cannot be read. Files of /proc have no size, so they are read to their end, up to a bound.
std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text;
  std::array<char, 16384> block{};
  while (file && text.size() < kMaxProcFileBytes) {
    file.read(block.data(), block.size());
    text.append(block.data(), static_cast<std::size_t>(file.gcount()));
  }
  return text;
}

std::string host_name() {
  std::array<char, kMaxNameBytes + 1> name{};
  if (gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') return "localhost";
  return name.data();
}

/// Growth over the devices that both readings know.
template <class Counters>
std::uint64_t total_growth(const std::map<std::string, Counters>& before, const std::map<std::string, Counters>& now,
                           std::uint64_t Counters::*counter) {
  std::uint64_t total = 0;
  for (const auto& [name, counters] : now) {
    if (const auto found = before.find(name); found != before.end()) {
      total += counter_growth(found->second.*counter, counters.*counter);
    }
  }
  return total;
}

}  // namespace

Result<std::unique_ptr<HostSampler>> HostSampler::open(HostSamplerOptions options,
                                                       std::unique_ptr<SamplerClock> clock) {
  if (!(options.rate_hz >= kMinSampleRateHz && options.rate_hz <= kMaxSampleRateHz)) {
    return fail(ErrorCode::invalid_argument, fmt::format("the sampling rate {} is outside {} to {} per second",
                                                         options.rate_hz, kMinSampleRateHz, kMaxSampleRateHz));
  }
  if (options.entity.empty()) options.entity = host_name();
  std::unique_ptr<HostSampler> sampler(new HostSampler(std::move(options), std::move(clock)));
  if (sampler->event_.values.empty()) {
    return fail(ErrorCode::unavailable, fmt::format("no file of {} can be read; sampling a host needs Linux's /proc",
                                                    sampler->options_.proc_root));
  }
  return sampler;
}

HostSampler::HostSampler(HostSamplerOptions options, std::unique_ptr<SamplerClock> clock)
    : options_(std::move(options)), clock_(std::move(clock)), start_(clock_->steady_now()), last_(read()) {
  event_.stream = {.source = "host", .entity = options_.entity};
  declare_channels();
}

HostSampler::Reading HostSampler::read() {
  Reading reading;
  const auto text_of = [&](const char* file) { return read_file(options_.proc_root + "/" + file); };
  reading.at = clock_->steady_now();
  const std::string stat = text_of("stat");
  reading.cpu = parse_cpu_ticks(stat);
  reading.context_switches = parse_context_switches(stat);
  reading.load = parse_load(text_of("loadavg"));
  reading.memory_used = parse_memory_used(text_of("meminfo"));
  reading.disks = parse_disks(text_of("diskstats"));
  if (reading.disks && reading.disks->empty()) reading.disks.reset();
  reading.interfaces = parse_interfaces(text_of("net/dev"));
  return reading;
}

void HostSampler::declare_channels() {
  declare(last_.cpu.has_value(), "stat", {"cpu_user", "cpu_system", "cpu_iowait", "cpu_other"});
  declare(last_.load.has_value(), "loadavg", {"load_1m"});
  declare(last_.memory_used.has_value(), "meminfo", {"memory_used"});
  declare(last_.disks.has_value(), "diskstats", {"disk_read_log", "disk_write_log"});
  declare(last_.interfaces.has_value(), "net/dev",
          {"net_rx_log", "net_tx_log", "net_rx_packets_log", "net_tx_packets_log"});
  declare(last_.context_switches.has_value(), "stat", {"context_switches_log"});
}

void HostSampler::declare(bool readable, std::string_view file, std::initializer_list<std::string_view> channels) {
  if (!readable) {
    notices_.push_back(fmt::format("{}/{} tells nothing that can be read: without {}", options_.proc_root, file,
                                   fmt::join(channels, ", ")));
    return;
  }
  for (const std::string_view channel : channels) {
    event_.values.push_back({.channel = std::string(channel), .value = 0.0});
    if (channel.ends_with("_log")) set_rate(channel, 0.0);
  }
}

bool HostSampler::wait_for_turn() {
  const auto deadline_of = [&](std::uint64_t tick) {
    return start_ + std::chrono::duration_cast<SamplerClock::Instant::duration>(
                        std::chrono::duration<double>(static_cast<double>(tick) / options_.rate_hz));
  };
  ++tick_;
  // A machine that slept or is overloaded must not be followed by a burst of readings of nothing.
  const double passed = std::chrono::duration<double>(clock_->steady_now() - start_).count() * options_.rate_hz;
  const auto latest = static_cast<std::uint64_t>(std::max(0.0, std::floor(passed)));
  if (latest > tick_) {
    skipped_ += latest - tick_;
    tick_ = latest;
  }
  return clock_->wait_until(deadline_of(tick_));
}

Result<std::optional<Event>> HostSampler::next() {
  if (!wait_for_turn()) return std::nullopt;
  Reading now = read();
  update(now);
  last_ = std::move(now);
  event_.timestamp = clock_->now();
  return event_;
}

void HostSampler::update(const Reading& now) {
  const double seconds = std::chrono::duration<double>(now.at - last_.at).count();
  if (now.load) set("load_1m", *now.load);
  if (now.memory_used) set("memory_used", *now.memory_used);
  if (now.cpu && last_.cpu) update_cpu(*last_.cpu, *now.cpu);
  if (!(seconds > 0.0)) return;
  const auto per_second = [seconds](std::uint64_t growth) { return static_cast<double>(growth) / seconds; };
  if (now.disks && last_.disks) {
    const auto rate = [&](auto counter) { return per_second(total_growth(*last_.disks, *now.disks, counter)); };
    set_rate("disk_read_log", rate(&DiskCounters::read_bytes));
    set_rate("disk_write_log", rate(&DiskCounters::written_bytes));
  }
  if (now.interfaces && last_.interfaces) {
    const auto rate = [&](auto counter) {
      return per_second(total_growth(*last_.interfaces, *now.interfaces, counter));
    };
    set_rate("net_rx_log", rate(&InterfaceCounters::received_bytes));
    set_rate("net_tx_log", rate(&InterfaceCounters::sent_bytes));
    set_rate("net_rx_packets_log", rate(&InterfaceCounters::received_packets));
    set_rate("net_tx_packets_log", rate(&InterfaceCounters::sent_packets));
  }
  if (now.context_switches && last_.context_switches) {
    set_rate("context_switches_log", per_second(counter_growth(*last_.context_switches, *now.context_switches)));
  }
}

void HostSampler::update_cpu(const CpuTicks& before, const CpuTicks& now) {
  CpuTicks growth{};
  std::uint64_t total = 0;
  for (std::size_t state = 0; state < growth.size(); ++state) {
    // The kernel lets idle and iowait fall by a tick now and then.
    growth[state] = now[state] > before[state] ? now[state] - before[state] : 0;
    total += growth[state];
  }
  // Two readings within one tick of the kernel's clock tell nothing.
  if (total == 0) return;
  const auto share = [&](CpuState state) {
    return static_cast<double>(growth[static_cast<std::size_t>(state)]) / static_cast<double>(total);
  };
  set("cpu_user", share(CpuState::user));
  set("cpu_system", share(CpuState::system));
  set("cpu_iowait", share(CpuState::iowait));
  set("cpu_other", share(CpuState::other));
}

void HostSampler::set(std::string_view channel, double value) {
  const auto found = std::find_if(event_.values.begin(), event_.values.end(),
                                  [&](const Measurement& measurement) { return measurement.channel == channel; });
  // A file that could not be read at the start has no channel, even if it can be read now.
  if (found != event_.values.end()) found->value = value;
}

void HostSampler::set_rate(std::string_view channel, double rate) {
  const auto unit = std::find_if(kRateUnits.begin(), kRateUnits.end(),
                                 [&](const RateUnit& known) { return known.channel == channel; });
  assert(unit != kRateUnits.end());
  set(channel, std::log1p(rate / unit->unit));
  const std::string name(channel.substr(0, channel.size() - std::string_view("_log").size()));
  std::string text = fmt::format("{:.0f} {}", rate, unit->label);
  const auto found = std::find_if(event_.attributes.begin(), event_.attributes.end(),
                                  [&](const auto& attribute) { return attribute.first == name; });
  if (found != event_.attributes.end()) {
    found->second = std::move(text);
  } else {
    event_.attributes.emplace_back(name, std::move(text));
  }
}

}  // namespace topoforge
