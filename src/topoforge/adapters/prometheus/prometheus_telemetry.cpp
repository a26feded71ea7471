#include "topoforge/adapters/prometheus/prometheus_telemetry.hpp"

#include <array>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include "topoforge/adapters/prometheus/process_metrics.hpp"
#include "topoforge/adapters/prometheus/stream_gauges.hpp"

namespace topoforge::prometheus {
namespace {

using ::prometheus::BuildCounter;
using ::prometheus::BuildGauge;
using ::prometheus::BuildHistogram;
using ::prometheus::Counter;
using ::prometheus::Family;
using ::prometheus::Gauge;
using ::prometheus::Histogram;
using ::prometheus::Registry;
using Boundaries = Histogram::BucketBoundaries;

/// Upper bounds, seconds.
const Boundaries kRequestTimes{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
const Boundaries kDiagramTimes{1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 5e-2, 0.1, 0.5, 1};
const Boundaries kScores{0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0};

double seconds(std::chrono::nanoseconds duration) { return std::chrono::duration<double>(duration).count(); }

/// Methods are what clients send: those that HTTP does not have are one series.
std::string known_method(std::string_view method) {
  static constexpr std::array<std::string_view, 7> kMethods{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
  for (const std::string_view known : kMethods) {
    if (method == known) return std::string(method);
  }
  return "other";
}

Family<Counter>& counters(Registry& registry, const char* name, const char* help) {
  return BuildCounter().Name(name).Help(help).Register(registry);
}
Family<Gauge>& gauges(Registry& registry, const char* name, const char* help) {
  return BuildGauge().Name(name).Help(help).Register(registry);
}
Family<Histogram>& histograms(Registry& registry, const char* name, const char* help) {
  return BuildHistogram().Name(name).Help(help).Register(registry);
}

/// A count that is kept elsewhere.
void raise_to(Counter& counter, std::uint64_t value) {
  counter.Increment(static_cast<double>(value) - counter.Value());
}

}  // namespace

struct PrometheusTelemetry::Metrics {
  explicit Metrics(const TelemetryOptions& options) : process(registry) {
    gauges(registry, "topoforge_build_info", "The version that runs").Add({{"version", options.version}}).Set(1);
    if (options.names_streams) {
      streams.emplace(gauges(registry, "topoforge_betti_number", "Betti numbers of the streams analysed last"),
                      kNamedStreams);
    }
  }

  Registry registry;
  ProcessMetrics process;

  Family<Counter>& requests = counters(registry, "topoforge_http_requests_total", "Requests that were answered");
  Family<Histogram>& request_times = histograms(registry, "topoforge_http_request_duration_seconds",
                                                "From the head of a request to the end of its answer");

  Family<Counter>& events = counters(registry, "topoforge_events_total", "Events by what became of them");
  Counter& accepted = events.Add({{"outcome", "accepted"}});
  Counter& rejected = events.Add({{"outcome", "rejected"}});
  Counter& dropped = events.Add({{"outcome", "dropped"}});
  Counter& duplicates =
      counters(registry, "topoforge_duplicate_events_total", "Accepted events whose id was seen before").Add({});
  Counter& late =
      counters(registry, "topoforge_late_events_total", "Accepted events that are older than the one before").Add({});

  Histogram& scores =
      histograms(registry, "topoforge_anomaly_score", "Anomaly scores of the windows analysed").Add({}, kScores);
  Histogram& diagram_times =
      histograms(registry, "topoforge_homology_duration_seconds", "Persistent homology of one window")
          .Add({}, kDiagramTimes);
  Family<Counter>& anomalies = counters(registry, "topoforge_anomalies_total", "Windows that are anomalies, by risk");
  Counter& windows = counters(registry, "topoforge_windows_total", "Windows analysed").Add({});
  std::optional<StreamGauges> streams;

  Family<Histogram>& store_times =
      histograms(registry, "topoforge_store_duration_seconds", "Calls of the store, with their wait for it");
  Family<Counter>& store_failures =
      counters(registry, "topoforge_store_failures_total", "Calls of the store that could not be done");

  Gauge& stream_count = gauges(registry, "topoforge_streams", "Streams that are kept").Add({});
  Gauge& queue_depth = gauges(registry, "topoforge_queue_depth", "Events that wait for analysis").Add({});
  Family<Gauge>& waiting = gauges(registry, "topoforge_waiting", "What waits beside events, by what it waits for");
  Gauge& passwords = waiting.Add({{"queue", "passwords"}});
  Gauge& computations = waiting.Add({{"queue", "computations"}});
  Gauge& deliveries = waiting.Add({{"queue", "deliveries"}});
  Gauge& spooled = waiting.Add({{"queue", "spooled_anomalies"}});
  Gauge& shards = gauges(registry, "topoforge_shards", "Threads of the engine").Add({});
  Gauge& connections = gauges(registry, "topoforge_connections", "Open connections").Add({});
  Gauge& watchers = gauges(registry, "topoforge_live_watchers", "Subscribers of the live stream").Add({});
  Gauge& followers = gauges(registry, "topoforge_anomaly_followers", "Clients of the stream of anomalies").Add({});
  Counter& evicted =
      counters(registry, "topoforge_evicted_streams_total", "Streams let go since there were too many").Add({});
  Counter& refused = counters(registry, "topoforge_refused_connections_total", "Connections beyond the limit").Add({});
  Counter& slow_readers =
      counters(registry, "topoforge_slow_readers_total", "Subscribers dropped since they read too slowly").Add({});

  std::mutex exposition;
};

PrometheusTelemetry::PrometheusTelemetry(const TelemetryOptions& options)
    : metrics_(std::make_unique<Metrics>(options)) {}
PrometheusTelemetry::~PrometheusTelemetry() = default;

void PrometheusTelemetry::request_answered(const RequestMeasure& request) {
  const std::string method = known_method(request.method);
  const std::string route = request.route.empty() ? "none" : std::string(request.route);
  metrics_->requests.Add({{"method", method}, {"route", route}, {"status", std::to_string(request.status)}})
      .Increment();
  metrics_->request_times.Add({{"method", method}, {"route", route}}, kRequestTimes).Observe(seconds(request.duration));
}

void PrometheusTelemetry::events_ingested(const IngestMeasure& events) {
  metrics_->accepted.Increment(static_cast<double>(events.accepted));
  metrics_->rejected.Increment(static_cast<double>(events.rejected));
  metrics_->dropped.Increment(static_cast<double>(events.dropped));
  metrics_->duplicates.Increment(static_cast<double>(events.duplicates));
  metrics_->late.Increment(static_cast<double>(events.late));
}

void PrometheusTelemetry::window_analysed(const Analysis& analysis, std::chrono::nanoseconds diagram_time) {
  metrics_->windows.Increment();
  metrics_->scores.Observe(analysis.anomaly_score);
  metrics_->diagram_times.Observe(seconds(diagram_time));
  if (analysis.is_anomaly)
    metrics_->anomalies.Add({{"risk_level", std::string(to_string(analysis.risk_level))}}).Increment();
  if (metrics_->streams) metrics_->streams->set(analysis.stream, analysis.betti_numbers);
}

void PrometheusTelemetry::store_called(std::string_view operation, std::chrono::nanoseconds duration, bool succeeded) {
  const ::prometheus::Labels labels{{"operation", std::string(operation)}};
  metrics_->store_times.Add(labels, kRequestTimes).Observe(seconds(duration));
  if (!succeeded) metrics_->store_failures.Add(labels).Increment();
}

std::string PrometheusTelemetry::exposition(const ServiceGauges& gauges) {
  const std::lock_guard lock(metrics_->exposition);
  metrics_->process.update();
  metrics_->stream_count.Set(static_cast<double>(gauges.streams));
  metrics_->queue_depth.Set(static_cast<double>(gauges.queue_depth));
  metrics_->passwords.Set(static_cast<double>(gauges.waiting_passwords));
  metrics_->computations.Set(static_cast<double>(gauges.waiting_computations));
  metrics_->deliveries.Set(static_cast<double>(gauges.waiting_deliveries));
  metrics_->spooled.Set(static_cast<double>(gauges.spooled_anomalies));
  metrics_->shards.Set(static_cast<double>(gauges.shards));
  metrics_->connections.Set(static_cast<double>(gauges.connections));
  metrics_->watchers.Set(static_cast<double>(gauges.watchers));
  metrics_->followers.Set(static_cast<double>(gauges.followers));
  raise_to(metrics_->evicted, gauges.evicted_streams);
  raise_to(metrics_->refused, gauges.refused_connections);
  raise_to(metrics_->slow_readers, gauges.slow_readers);
  return ::prometheus::TextSerializer().Serialize(metrics_->registry.Collect());
}

}  // namespace topoforge::prometheus
