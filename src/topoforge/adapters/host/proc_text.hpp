#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

/// Purpose: the numbers in the text files of /proc (proc(5)). Each function takes the whole text of its file and gives
/// nothing when the file does not hold what it should. Thread safety: pure.
namespace topoforge {

enum class CpuState : std::size_t { user, system, iowait, other, idle };
/// Clock ticks since boot, by CpuState. user has nice (and so guests), other has irq, softirq and steal.
using CpuTicks = std::array<std::uint64_t, 5>;
std::optional<CpuTicks> parse_cpu_ticks(std::string_view stat);

/// Context switches since boot.
std::optional<std::uint64_t> parse_context_switches(std::string_view stat);

/// Mean load of the last minute.
std::optional<double> parse_load(std::string_view loadavg);

/// Share of the memory that is not available to new programs, in [0, 1].
std::optional<double> parse_memory_used(std::string_view meminfo);

/// A device's pairs of counters by its name.
struct DiskCounters {
  std::uint64_t read_bytes = 0;
  std::uint64_t written_bytes = 0;
};
struct InterfaceCounters {
  std::uint64_t received_bytes = 0;
  std::uint64_t received_packets = 0;
  std::uint64_t sent_bytes = 0;
  std::uint64_t sent_packets = 0;
};

/// Whole disks. Left out: partitions of a disk of the list, what lies on other disks (dm-*, md*), and what is no disk
/// (loop*, ram*, zram*).
std::optional<std::map<std::string, DiskCounters>> parse_disks(std::string_view diskstats);

/// Every interface, the loopback too: a flood from a neighbour in the same host is network activity.
std::optional<std::map<std::string, InterfaceCounters>> parse_interfaces(std::string_view net_dev);

/// Growth of a counter between two readings. Less than before: it wrapped at 32 bits when it was in the upper half of
/// 32 bits and is in the lower half now, else it was reset and nothing is known of the growth: 0.
std::uint64_t counter_growth(std::uint64_t before, std::uint64_t now);

}  // namespace topoforge
