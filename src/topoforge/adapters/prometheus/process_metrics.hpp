#pragma once

#include <prometheus/registry.h>

/// Purpose: what every process tells of itself, by the names of Prometheus' own clients, from /proc/self; what cannot
/// be read stays as it was. Thread safety: one thread at a time.
namespace topoforge::prometheus {

class ProcessMetrics {
 public:
  explicit ProcessMetrics(::prometheus::Registry& registry);
  void update();

 private:
  ::prometheus::Gauge& resident_memory_;
  ::prometheus::Gauge& virtual_memory_;
  ::prometheus::Gauge& open_files_;
  ::prometheus::Gauge& threads_;
  ::prometheus::Gauge& start_time_;
  ::prometheus::Counter& cpu_seconds_;
};

}  // namespace topoforge::prometheus
