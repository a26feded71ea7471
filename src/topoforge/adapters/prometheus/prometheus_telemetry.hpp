#pragma once

#include <memory>
#include <string>

#include "topoforge/base/result.hpp"
#include "topoforge/ports/telemetry.hpp"

/// Purpose: telemetry for Prometheus (text format 0.0.4). Names begin with topoforge_; what every process tells has the
/// names of Prometheus' own clients (process_...). Thread safety: any thread.
namespace topoforge::prometheus {

/// Streams whose Betti numbers are told one by one: those that were analysed last.
inline constexpr std::size_t kNamedStreams = 100;

struct TelemetryOptions {
  std::string version;
  bool names_streams = true;  ///< false: sources and entities are not for whoever reads the metrics
};

class PrometheusTelemetry final : public Telemetry {
 public:
  explicit PrometheusTelemetry(const TelemetryOptions& options);
  ~PrometheusTelemetry() override;
  PrometheusTelemetry(const PrometheusTelemetry&) = delete;
  PrometheusTelemetry& operator=(const PrometheusTelemetry&) = delete;

  void request_answered(const RequestMeasure& request) override;
  void events_ingested(const IngestMeasure& events) override;
  void window_analysed(const Analysis& analysis, std::chrono::nanoseconds diagram_time) override;
  void store_called(std::string_view operation, std::chrono::nanoseconds duration, bool succeeded) override;
  std::string exposition(const ServiceGauges& gauges) override;

 private:
  struct Metrics;
  std::unique_ptr<Metrics> metrics_;
};

}  // namespace topoforge::prometheus
