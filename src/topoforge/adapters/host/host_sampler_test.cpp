#include "topoforge/adapters/host/host_sampler.hpp"

#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace topoforge {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

/// What the recorded counters say at one moment.
struct Host {
  int user = 1000, system = 500, idle = 9000, iowait = 100, softirq = 10;
  long long switches = 1000000;
  double load = 0.25;
  int available_kb = 6000;
  long long sectors_read = 0, sectors_written = 0;
  long long eth_bytes_in = 0, eth_bytes_out = 0, eth_packets_in = 0, eth_packets_out = 0, lo_bytes = 0;
};

/// A /proc of a test's own.
class ProcTree {
 public:
  ProcTree()
      : root_(std::filesystem::temp_directory_path() /
              fmt::format("topoforge_proc_{}_{}", getpid(),
                          testing::UnitTest::GetInstance()->current_test_info()->name())) {
    std::filesystem::create_directories(root_ / "net");
  }
  ~ProcTree() { std::filesystem::remove_all(root_); }
  ProcTree(const ProcTree&) = delete;
  ProcTree& operator=(const ProcTree&) = delete;

  void write(const std::string& file, const std::string& text) const { std::ofstream(root_ / file) << text; }
  void remove(const std::string& file) const { std::filesystem::remove(root_ / file); }
  [[nodiscard]] std::string root() const { return root_.string(); }

  void record(const Host& host) const {
    write("stat", fmt::format("cpu  {} 0 {} {} {} 0 {} 0 0 0\nctxt {}\n", host.user, host.system, host.idle,
                              host.iowait, host.softirq, host.switches));
    write("loadavg", fmt::format("{} 0.1 0.1 1/10 99\n", host.load));
    write("meminfo", fmt::format("MemTotal: 8000 kB\nMemAvailable: {} kB\n", host.available_kb));
    write("diskstats", fmt::format(" 8 0 sda 1 0 {0} 1 1 0 {1} 1 0 1 1\n 8 1 sda1 1 0 {0} 1 1 0 {1} 1 0 1 1\n",
                                   host.sectors_read, host.sectors_written));
    write("net/dev",
          fmt::format("Inter-| Receive | Transmit\n lo: {0} 0 0 0 0 0 0 0 {0} 0 0 0 0 0 0 0\n"
                      "eth0: {1} {2} 0 0 0 0 0 0 {3} {4} 0 0 0 0 0 0\n",
                      host.lo_bytes, host.eth_bytes_in, host.eth_packets_in, host.eth_bytes_out, host.eth_packets_out));
  }

 private:
  std::filesystem::path root_;
};

/// Time moves when it is waited for, and by `lag` more when a test says so.
class VirtualClock final : public SamplerClock {
 public:
  Timestamp now() override {
    return Timestamp(std::chrono::seconds(1'700'000'000)) +
           std::chrono::duration_cast<std::chrono::microseconds>(steady_ - Instant{});
  }
  Instant steady_now() override { return steady_; }
  bool wait_until(Instant deadline) override {
    deadlines.push_back(deadline - Instant{});
    steady_ = std::max(steady_, deadline);
    return !stopped;
  }
  void pass(Instant::duration time) { steady_ += time; }

  std::vector<Instant::duration> deadlines;
  bool stopped = false;

 private:
  Instant steady_{};
};

class HostSamplerTest : public testing::Test {
 protected:
  Result<std::unique_ptr<HostSampler>> open(double rate_hz = 10.0) {
    auto clock = std::make_unique<VirtualClock>();
    clock_ = clock.get();
    return HostSampler::open({.rate_hz = rate_hz, .proc_root = tree_.root(), .entity = "box"}, std::move(clock));
  }
  static double value(const Event& event, std::string_view channel) {
    for (const Measurement& measurement : event.values) {
      if (measurement.channel == channel) return measurement.value;
    }
    ADD_FAILURE() << "no channel " << channel;
    return std::nan("");
  }
  static Event next(HostSampler& sampler) {
    auto event = sampler.next();
    EXPECT_TRUE(event.has_value() && event->has_value());
    return event.value().value();
  }

  ProcTree tree_;
  Host host_;
  VirtualClock* clock_ = nullptr;
};

TEST_F(HostSamplerTest, EventHoldsWhatTheCountersSayExactly) {
  tree_.record(host_);
  auto sampler = open().value();
  host_.user += 10;
  host_.system += 4;
  host_.iowait += 2;
  host_.softirq += 1;
  host_.idle += 3;
  host_.load = 1.5;
  host_.available_kb = 2000;
  host_.switches += 500;
  host_.sectors_read += 128;
  host_.sectors_written += 64;
  host_.eth_bytes_in += 4000;
  host_.eth_bytes_out += 2000;
  host_.lo_bytes += 96;
  host_.eth_packets_in += 8;
  host_.eth_packets_out += 6;
  tree_.record(host_);
  const Event event = next(*sampler);
  EXPECT_EQ(event.stream, (StreamKey{.source = "host", .entity = "box"}));
  EXPECT_TRUE(validate(event).has_value());
  const std::vector<Measurement> expected = {
      {"cpu_user", 0.5},
      {"cpu_system", 0.2},
      {"cpu_iowait", 0.1},
      {"cpu_other", 0.05},
      {"load_1m", 1.5},
      {"memory_used", 0.75},
      {"disk_read_log", std::log1p(655360.0 / 65536.0)},
      {"disk_write_log", std::log1p(327680.0 / 65536.0)},
      {"net_rx_log", std::log1p(40960.0 / 4096.0)},
      {"net_tx_log", std::log1p(20960.0 / 4096.0)},
      {"net_rx_packets_log", std::log1p(80.0 / 20.0)},
      {"net_tx_packets_log", std::log1p(60.0 / 20.0)},
      {"context_switches_log", std::log1p(5000.0 / 1000.0)},
  };
  ASSERT_EQ(event.values.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(event.values[i].channel, expected[i].channel);
    EXPECT_NEAR(event.values[i].value, expected[i].value, 1e-12) << expected[i].channel;
  }
  EXPECT_THAT(event.attributes, Contains(Pair("net_rx", "40960 B/s")));
  EXPECT_THAT(event.attributes, Contains(Pair("context_switches", "5000 switches/s")));
}

TEST_F(HostSamplerTest, RateComesBackFromItsLogarithm) {
  tree_.record(host_);
  auto sampler = open().value();
  host_.eth_bytes_in = 123456789;
  tree_.record(host_);
  EXPECT_NEAR(4096.0 * std::expm1(value(next(*sampler), "net_rx_log")), 1234567890.0, 1e-3);
}

TEST_F(HostSamplerTest, DeadlinesDoNotDrift) {
  tree_.record(host_);
  auto sampler = open(3.0).value();
  for (int i = 0; i < 300; ++i) {
    next(*sampler);
    clock_->pass(milliseconds(50));  // the work between two events
  }
  ASSERT_EQ(clock_->deadlines.size(), 300U);
  EXPECT_EQ(duration_cast<milliseconds>(clock_->deadlines[2]), milliseconds(1000));
  EXPECT_EQ(duration_cast<milliseconds>(clock_->deadlines[299]), milliseconds(100000));
  EXPECT_EQ(sampler->skipped(), 0U);
}

TEST_F(HostSamplerTest, PassedDeadlinesAreSkippedAndCountedAndTheRateIsOverRealTime) {
  tree_.record(host_);
  auto sampler = open().value();
  next(*sampler);
  clock_->pass(milliseconds(1930));
  host_.switches += 2000;
  tree_.record(host_);
  const Event event = next(*sampler);
  EXPECT_EQ(sampler->skipped(), 18U);
  EXPECT_EQ(duration_cast<milliseconds>(clock_->deadlines[1]), milliseconds(2000));
  EXPECT_NEAR(value(event, "context_switches_log"), std::log1p(2000.0 / 1.93 / 1000.0), 1e-12);
  next(*sampler);
  EXPECT_EQ(duration_cast<milliseconds>(clock_->deadlines[2]), milliseconds(2100));
}

TEST_F(HostSamplerTest, WrappedCounterGoesOnAndResetCounterAddsNothing) {
  host_.eth_bytes_in = 0xFFFFFFFFLL - 95;
  host_.eth_bytes_out = 1000000;
  tree_.record(host_);
  auto sampler = open().value();
  host_.eth_bytes_in = 4000;
  host_.eth_bytes_out = 10;
  tree_.record(host_);
  const Event event = next(*sampler);
  EXPECT_NEAR(value(event, "net_rx_log"), std::log1p(40960.0 / 4096.0), 1e-12);
  EXPECT_EQ(value(event, "net_tx_log"), 0.0);
}

TEST_F(HostSamplerTest, InterfaceThatComesOrGoesIsNoBurst) {
  host_.eth_bytes_in = 1'000'000'000;
  tree_.record(host_);
  auto sampler = open().value();
  const std::string header = "Inter-| Receive | Transmit\n";
  const std::string lo = " lo: 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n";
  tree_.write("net/dev", header + lo);
  EXPECT_EQ(value(next(*sampler), "net_rx_log"), 0.0);
  tree_.write("net/dev", header + lo + "veth1: 5000000000 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n");
  EXPECT_EQ(value(next(*sampler), "net_rx_log"), 0.0);
}

TEST_F(HostSamplerTest, CpuSharesHoldWithinOneTickOfTheKernel) {
  tree_.record(host_);
  auto sampler = open(100.0).value();
  host_.user += 1;
  tree_.record(host_);
  EXPECT_EQ(value(next(*sampler), "cpu_user"), 1.0);
  EXPECT_EQ(value(next(*sampler), "cpu_user"), 1.0);
}

TEST_F(HostSamplerTest, FallingIowaitIsNoTime) {
  tree_.record(host_);
  auto sampler = open().value();
  host_.iowait -= 1;
  host_.user += 5;
  host_.idle += 5;
  tree_.record(host_);
  const Event event = next(*sampler);
  EXPECT_EQ(value(event, "cpu_iowait"), 0.0);
  EXPECT_EQ(value(event, "cpu_user"), 0.5);
}

TEST_F(HostSamplerTest, FileMissingAtTheStartLeavesItsChannelsOutWithANotice) {
  tree_.record(host_);
  tree_.remove("diskstats");
  tree_.write("loadavg", "garbage\n");
  auto sampler = open().value();
  EXPECT_THAT(sampler->notices(), ElementsAre(HasSubstr("loadavg tells nothing that can be read: without load_1m"),
                                              HasSubstr("diskstats tells nothing that can be read: without "
                                                        "disk_read_log, disk_write_log")));
  EXPECT_EQ(next(*sampler).values.size(), 10U);
  tree_.record(host_);
  EXPECT_EQ(next(*sampler).values.size(), 10U) << "the channels of a stream stay";
}

TEST_F(HostSamplerTest, FileMissingLaterHoldsItsChannels) {
  tree_.record(host_);
  auto sampler = open().value();
  host_.eth_bytes_in += 4096;
  tree_.record(host_);
  const double before = value(next(*sampler), "net_rx_log");
  EXPECT_GT(before, 0.0);
  tree_.remove("net/dev");
  tree_.remove("loadavg");
  const Event held = next(*sampler);
  EXPECT_EQ(value(held, "net_rx_log"), before);
  EXPECT_EQ(value(held, "load_1m"), 0.25);
  host_.eth_bytes_in += 400000;
  tree_.record(host_);
  EXPECT_EQ(value(next(*sampler), "net_rx_log"), before) << "one reading alone tells no rate";
  EXPECT_EQ(value(next(*sampler), "net_rx_log"), 0.0);
}

TEST_F(HostSamplerTest, NothingReadableIsAnError) {
  const auto sampler = open();
  ASSERT_FALSE(sampler.has_value());
  EXPECT_EQ(sampler.error().code, ErrorCode::unavailable);
  EXPECT_THAT(sampler.error().message, HasSubstr(tree_.root()));
}

TEST_F(HostSamplerTest, RateOutsideItsRangeIsRefused) {
  tree_.record(host_);
  for (const double rate : {0.0, 0.09, 100.1, -1.0, std::nan("")}) {
    const auto sampler = open(rate);
    ASSERT_FALSE(sampler.has_value()) << rate;
    EXPECT_EQ(sampler.error().code, ErrorCode::invalid_argument);
    EXPECT_THAT(sampler.error().message, HasSubstr("outside 0.1 to 100 per second"));
  }
}

TEST_F(HostSamplerTest, StoppedClockEndsTheStream) {
  tree_.record(host_);
  auto sampler = open().value();
  next(*sampler);
  clock_->stopped = true;
  const auto event = sampler->next();
  ASSERT_TRUE(event.has_value());
  EXPECT_FALSE(event->has_value());
}

TEST(HostSamplerOnThisHost, SamplesAndStopsAtOnce) {
  std::stop_source stop;
  auto sampler = HostSampler::open({.rate_hz = 50.0}, std::make_unique<SystemSamplerClock>(stop.get_token())).value();
  const auto event = sampler->next();
  ASSERT_TRUE(event.has_value() && event->has_value());
  EXPECT_TRUE(validate(**event).has_value());
  EXPECT_FALSE((*event)->stream.entity.empty());

  auto slow = HostSampler::open({.rate_hz = 0.1}, std::make_unique<SystemSamplerClock>(stop.get_token())).value();
  const auto begin = std::chrono::steady_clock::now();
  std::jthread stopper([&] { stop.request_stop(); });
  const auto end = slow->next();
  ASSERT_TRUE(end.has_value());
  EXPECT_FALSE(end->has_value());
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

}  // namespace
}  // namespace topoforge
