#include "topoforge/adapters/host/proc_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace topoforge {
namespace {

using ::testing::ElementsAre;

constexpr std::string_view kStat =
    "cpu  100 20 30 4000 50 1 2 3 0 0\ncpu0 50 10 15 2000 25 0 1 1 0 0\nintr 12 0 0\nctxt 416501\nbtime 1\n";

TEST(ProcText, CpuTicksAreGroupedByState) {
  const auto ticks = parse_cpu_ticks(kStat);
  ASSERT_TRUE(ticks.has_value());
  EXPECT_THAT(*ticks, ElementsAre(120, 30, 50, 6, 4000));
}

TEST(ProcText, OldKernelsKnowFourCpuStates) {
  const auto ticks = parse_cpu_ticks("cpu 1 2 3 4\n");
  ASSERT_TRUE(ticks.has_value());
  EXPECT_THAT(*ticks, ElementsAre(3, 3, 0, 0, 4));
}

TEST(ProcText, BrokenStatIsNothing) {
  EXPECT_FALSE(parse_cpu_ticks(""));
  EXPECT_FALSE(parse_cpu_ticks("cpu 1 2 x 4\n"));
  EXPECT_FALSE(parse_cpu_ticks("cpu0 1 2 3 4\n"));
  EXPECT_FALSE(parse_context_switches("cpu 1 2 3 4\n"));
  EXPECT_FALSE(parse_context_switches("ctxt\n"));
  EXPECT_EQ(parse_context_switches(kStat), 416501U);
}

TEST(ProcText, LoadIsTheFirstNumber) {
  EXPECT_EQ(parse_load("0.41 0.19 0.08 2/91 5667\n"), 0.41);
  EXPECT_FALSE(parse_load(""));
  EXPECT_FALSE(parse_load("nan 0 0\n"));
  EXPECT_FALSE(parse_load("-1 0 0\n"));
}

TEST(ProcText, MemoryUsedIsWhatIsNotAvailable) {
  EXPECT_EQ(parse_memory_used("MemTotal: 8000 kB\nMemFree: 100 kB\nMemAvailable:  2000 kB\n"), 0.75);
  EXPECT_EQ(parse_memory_used("MemTotal: 8000 kB\nMemFree: 1000 kB\nBuffers: 400 kB\nCached: 600 kB\n"), 0.75);
  EXPECT_EQ(parse_memory_used("MemTotal: 8000 kB\nMemAvailable: 9000 kB\n"), 0.0);
  EXPECT_FALSE(parse_memory_used("MemTotal: 8000 kB\n"));
  EXPECT_FALSE(parse_memory_used("MemTotal: 0 kB\nMemAvailable: 0 kB\n"));
  EXPECT_FALSE(parse_memory_used("MemAvailable: 9000 kB\n"));
}

std::string disk_line(const std::string& name, int sectors_read, int sectors_written) {
  return "   8   0 " + name + " 10 0 " + std::to_string(sectors_read) + " 5 20 0 " + std::to_string(sectors_written) +
         " 7 0 9 9 0 0 0 0 1 2\n";
}

TEST(ProcText, DisksAreWholeDisksOnly) {
  std::string text;
  for (const char* name : {"sda", "sda1", "sda12", "nvme0n1", "nvme0n1p1", "mmcblk0", "mmcblk0p2", "loop0", "ram1",
                           "zram0", "dm-0", "md127", "xvdb1", "vdaa", "ramen"}) {
    text += disk_line(name, 2, 3);
  }
  const auto disks = parse_disks(text);
  ASSERT_TRUE(disks.has_value());
  std::vector<std::string> names;
  for (const auto& [name, counters] : *disks) {
    names.push_back(name);
    EXPECT_EQ(counters.read_bytes, 1024U);
    EXPECT_EQ(counters.written_bytes, 1536U);
  }
  EXPECT_THAT(names, ElementsAre("mmcblk0", "nvme0n1", "ramen", "sda", "vdaa", "xvdb1"));
}

TEST(ProcText, BrokenDisksAreNothing) {
  EXPECT_FALSE(parse_disks("8 0 sda 1 2 3\n"));
  EXPECT_FALSE(parse_disks("sda 1 2 3 4 5 6 7 8 9\n"));
  EXPECT_TRUE(parse_disks("\n"));
}

constexpr std::string_view kNetHeader =
    "Inter-|   Receive                            |  Transmit\n face |bytes packets |bytes packets\n";

TEST(ProcText, InterfacesHaveTheLoopbackToo) {
  std::string text(kNetHeader);
  text += "    lo:    31  29 0 0 0 0 0 0  32  30 0 0 0 0 0 0\n";
  text += "eth0:118732745 2297 0 0 0 0 0 0 109714 1340 0 0 0 0 0 0\n";
  const auto interfaces = parse_interfaces(text);
  ASSERT_TRUE(interfaces.has_value());
  ASSERT_EQ(interfaces->size(), 2U);
  EXPECT_EQ(interfaces->at("lo").received_bytes, 31U);
  EXPECT_EQ(interfaces->at("lo").sent_packets, 30U);
  EXPECT_EQ(interfaces->at("eth0").received_bytes, 118732745U);
  EXPECT_EQ(interfaces->at("eth0").received_packets, 2297U);
  EXPECT_EQ(interfaces->at("eth0").sent_bytes, 109714U);
}

TEST(ProcText, BrokenInterfacesAreNothing) {
  EXPECT_FALSE(parse_interfaces(""));
  std::string text(kNetHeader);
  text += "lo: 1 2 3\n";
  EXPECT_FALSE(parse_interfaces(text));
}

TEST(ProcText, CountersGrowWrapAndReset) {
  EXPECT_EQ(counter_growth(5, 9), 4U);
  EXPECT_EQ(counter_growth(5, 5), 0U);
  EXPECT_EQ(counter_growth(0xFFFFFFF0U, 0x10), 0x20U);
  EXPECT_EQ(counter_growth(1000, 10), 0U);
  EXPECT_EQ(counter_growth(0xFFFFFFFFFF, 10), 0U);
}

}  // namespace
}  // namespace topoforge
