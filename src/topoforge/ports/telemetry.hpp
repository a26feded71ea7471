#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "topoforge/core/pipeline/analysis.hpp"

/// Purpose: what is measured of the service while it runs. Thread safety: any thread; calls are quick.
namespace topoforge {

/// A request that was answered. Each text is one of few, so that it can name a series: a route's pattern is told, not
/// the path that came.
struct RequestMeasure {
  std::string_view method;
  std::string_view route;  ///< "/api/anomalies/{id}"; empty: none of ours
  unsigned status = 0;
  std::chrono::nanoseconds duration{0};
};

struct IngestMeasure {
  std::size_t accepted = 0;  ///< events that a stream took in, duplicates among them
  std::size_t rejected = 0;  ///< by their stream
  std::size_t duplicates = 0;
  std::size_t late = 0;     ///< their timestamp was before that of the event before
  std::size_t dropped = 0;  ///< refused since too many wait
};

/// What is so at one moment.
struct ServiceGauges {
  std::size_t streams = 0;
  std::uint64_t evicted_streams = 0;
  std::size_t queue_depth = 0;
  std::size_t waiting_passwords = 0;     ///< to be looked at or hashed
  std::size_t waiting_computations = 0;  ///< diagrams and previews that were asked for
  std::size_t waiting_deliveries = 0;    ///< alerts and mails to be sent
  std::size_t spooled_anomalies = 0;     ///< that the database has yet to get
  std::size_t shards = 0;
  std::size_t connections = 0;
  std::uint64_t refused_connections = 0;
  std::size_t watchers = 0;
  std::size_t followers = 0;
  std::uint64_t slow_readers = 0;
};

class Telemetry {
 public:
  virtual ~Telemetry() = default;
  virtual void request_answered(const RequestMeasure& request) = 0;
  virtual void events_ingested(const IngestMeasure& events) = 0;
  /// diagram_time: what its homology took.
  virtual void window_analysed(const Analysis& analysis, std::chrono::nanoseconds diagram_time) = 0;
  /// operation: "anomalies.add".
  virtual void store_called(std::string_view operation, std::chrono::nanoseconds duration, bool succeeded) = 0;
  /// All that was measured and is so now, in Prometheus' text format.
  virtual std::string exposition(const ServiceGauges& gauges) = 0;
};

}  // namespace topoforge
