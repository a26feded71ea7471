#include "topoforge/adapters/host/proc_text.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

namespace topoforge {
namespace {

constexpr std::uint64_t kSectorBytes = 512;  // of /proc/diskstats, whatever the device's own
constexpr std::string_view kBlank = " \t\r";

/// Takes the text up to the separator off the front.
std::string_view take_line(std::string_view& text) {
  const auto end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

std::string_view take_word(std::string_view& line) {
  const auto begin = line.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return line = {};
  line.remove_prefix(begin);
  const auto end = std::min(line.find_first_of(kBlank), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(end);
  return word;
}

template <class Number>
std::optional<Number> number(std::string_view word) {
  Number value{};
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc{} || end != word.data() + word.size()) return std::nullopt;
  return value;
}

/// The whole numbers of a line up to its first word that is none, at most `limit`.
std::vector<std::uint64_t> numbers(std::string_view line, std::size_t limit) {
  std::vector<std::uint64_t> values;
  while (values.size() < limit) {
    const auto value = number<std::uint64_t>(take_word(line));
    if (!value) break;
    values.push_back(*value);
  }
  return values;
}

/// The rest of the line whose first word is `name`.
std::optional<std::string_view> line_of(std::string_view text, std::string_view name) {
  while (!text.empty()) {
    std::string_view line = take_line(text);
    if (take_word(line) == name) return line;
  }
  return std::nullopt;
}

bool ends_with_digit(std::string_view text) { return !text.empty() && text.back() >= '0' && text.back() <= '9'; }

bool is_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// sda3 of sda; nvme0n1p2 of nvme0n1.
bool is_partition_of(std::string_view name, std::string_view disk) {
  if (!name.starts_with(disk)) return false;
  std::string_view rest = name.substr(disk.size());
  if (ends_with_digit(disk)) {
    if (!rest.starts_with('p')) return false;
    rest.remove_prefix(1);
  }
  return is_digits(rest);
}

bool is_no_disk(std::string_view name) {
  constexpr std::array<std::string_view, 5> kPrefixes = {"loop", "ram", "zram", "dm-", "md"};
  return std::any_of(kPrefixes.begin(), kPrefixes.end(), [&](std::string_view prefix) {
    return name.starts_with(prefix) && name.size() > prefix.size() && name[prefix.size()] >= '0' &&
           name[prefix.size()] <= '9';
  });
}

}  // namespace

std::optional<CpuTicks> parse_cpu_ticks(std::string_view stat) {
  const auto line = line_of(stat, "cpu");
  if (!line) return std::nullopt;
  // user nice system idle iowait irq softirq steal; kernels before 2.6 end at idle.
  std::vector<std::uint64_t> ticks = numbers(*line, 8);
  if (ticks.size() < 4) return std::nullopt;
  ticks.resize(8);
  CpuTicks by_state{};
  by_state[static_cast<std::size_t>(CpuState::user)] = ticks[0] + ticks[1];
  by_state[static_cast<std::size_t>(CpuState::system)] = ticks[2];
  by_state[static_cast<std::size_t>(CpuState::idle)] = ticks[3];
  by_state[static_cast<std::size_t>(CpuState::iowait)] = ticks[4];
  by_state[static_cast<std::size_t>(CpuState::other)] = ticks[5] + ticks[6] + ticks[7];
  return by_state;
}

std::optional<std::uint64_t> parse_context_switches(std::string_view stat) {
  auto line = line_of(stat, "ctxt");
  if (!line) return std::nullopt;
  return number<std::uint64_t>(take_word(*line));
}

std::optional<double> parse_load(std::string_view loadavg) {
  const auto load = number<double>(take_word(loadavg));
  // A comparison that a NaN fails.
  return load && *load >= 0.0 && *load < 1e9 ? load : std::nullopt;
}

std::optional<double> parse_memory_used(std::string_view meminfo) {
  const auto kilobytes = [&](std::string_view name) -> std::optional<double> {
    auto line = line_of(meminfo, name);
    if (!line) return std::nullopt;
    const auto value = number<std::uint64_t>(take_word(*line));
    if (!value) return std::nullopt;
    return static_cast<double>(*value);
  };
  const auto total = kilobytes("MemTotal:");
  auto available = kilobytes("MemAvailable:");
  if (!available) {
    // Kernels before 3.14 leave the estimate to the reader.
    const auto free = kilobytes("MemFree:");
    if (!free) return std::nullopt;
    available = *free + kilobytes("Buffers:").value_or(0.0) + kilobytes("Cached:").value_or(0.0);
  }
  if (!total || *total <= 0.0) return std::nullopt;
  return std::clamp(1.0 - *available / *total, 0.0, 1.0);
}

std::optional<std::map<std::string, DiskCounters>> parse_disks(std::string_view diskstats) {
  std::map<std::string, DiskCounters> listed;
  while (!diskstats.empty()) {
    std::string_view line = take_line(diskstats);
    if (line.find_first_not_of(kBlank) == std::string_view::npos) continue;
    if (!number<std::uint64_t>(take_word(line)) || !number<std::uint64_t>(take_word(line))) return std::nullopt;
    const std::string name(take_word(line));
    // reads, merged, sectors read, ms, writes, merged, sectors written
    const std::vector<std::uint64_t> values = numbers(line, 7);
    if (name.empty() || values.size() < 7) return std::nullopt;
    listed[name] = {.read_bytes = values[2] * kSectorBytes, .written_bytes = values[6] * kSectorBytes};
  }
  std::map<std::string, DiskCounters> disks;
  for (const auto& [name, counters] : listed) {
    const bool is_partition = std::any_of(listed.begin(), listed.end(),
                                          [&](const auto& other) { return is_partition_of(name, other.first); });
    if (!is_partition && !is_no_disk(name)) disks.emplace(name, counters);
  }
  return disks;
}

std::optional<std::map<std::string, InterfaceCounters>> parse_interfaces(std::string_view net_dev) {
  std::map<std::string, InterfaceCounters> interfaces;
  bool has_header = false;
  while (!net_dev.empty()) {
    std::string_view line = take_line(net_dev);
    if (line.find('|') != std::string_view::npos) has_header = true;
    const auto colon = line.rfind(':');
    if (colon == std::string_view::npos) continue;
    std::string_view head = line.substr(0, colon);
    // received: bytes packets errs drop fifo frame compressed multicast; sent: bytes packets ...
    const std::vector<std::uint64_t> values = numbers(line.substr(colon + 1), 10);
    if (values.size() < 10) return std::nullopt;
    interfaces[std::string(take_word(head))] = {
        .received_bytes = values[0], .received_packets = values[1], .sent_bytes = values[8], .sent_packets = values[9]};
  }
  if (!has_header) return std::nullopt;
  return interfaces;
}

std::uint64_t counter_growth(std::uint64_t before, std::uint64_t now) {
  if (now >= before) return now - before;
  constexpr std::uint64_t kWrap = std::uint64_t{1} << 32;
  const bool wrapped = before < kWrap && before >= kWrap / 2 && now < kWrap / 2;
  return wrapped ? now + kWrap - before : 0;
}

}  // namespace topoforge
