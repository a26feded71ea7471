#include "topoforge/adapters/prometheus/process_metrics.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>

namespace topoforge::prometheus {
namespace {

::prometheus::Gauge& add_gauge(::prometheus::Registry& registry, const char* name, const char* help) {
  return ::prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
}

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

std::size_t entries_of(const char* folder) {
  std::error_code error;
  std::filesystem::directory_iterator entry(folder, error);
  std::size_t count = 0;
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) ++count;
  return count;
}

}  // namespace

ProcessMetrics::ProcessMetrics(::prometheus::Registry& registry)
    : resident_memory_(add_gauge(registry, "process_resident_memory_bytes", "Resident memory")),
      virtual_memory_(add_gauge(registry, "process_virtual_memory_bytes", "Virtual memory")),
      open_files_(add_gauge(registry, "process_open_fds", "Open file descriptors")),
      threads_(add_gauge(registry, "process_threads", "Threads")),
      start_time_(add_gauge(registry, "process_start_time_seconds", "Start of the process, seconds since the epoch")),
      cpu_seconds_(::prometheus::BuildCounter()
                       .Name("process_cpu_seconds_total")
                       .Help("Processor time of user and system")
                       .Register(registry)
                       .Add({})) {
  start_time_.Set(std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count());
}

void ProcessMetrics::update() {
  std::ifstream memory("/proc/self/statm");
  const auto page = static_cast<double>(sysconf(_SC_PAGESIZE));
  double total_pages = 0;
  double resident_pages = 0;
  if (memory >> total_pages >> resident_pages) {
    virtual_memory_.Set(total_pages * page);
    resident_memory_.Set(resident_pages * page);
  }
  open_files_.Set(static_cast<double>(entries_of("/proc/self/fd")));
  threads_.Set(static_cast<double>(entries_of("/proc/self/task")));
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) == 0)
    cpu_seconds_.Increment(seconds(usage.ru_utime) + seconds(usage.ru_stime) - cpu_seconds_.Value());
}

}  // namespace topoforge::prometheus
