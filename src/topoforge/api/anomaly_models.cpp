#include "topoforge/api/anomaly_models.hpp"

#include <array>
#include <utility>

#include "topoforge/codec/text/timestamp.hpp"
#include "topoforge/core/threat/threat_classifier.hpp"

namespace topoforge::api {
namespace {

constexpr double kUsualThreshold = 0.5;

std::optional<Detail> check_range(const std::optional<Timestamp>& start, const std::optional<Timestamp>& end) {
  if (!start || !end || *start <= *end) return std::nullopt;
  return Detail{.loc = {"end_date"},
                .message = "wanted an end that is not before start_date " + format_timestamp(*start),
                .type = "value_error"};
}

std::map<std::string, std::uint64_t> by_risk_level(const RiskCounts& counts) {
  std::map<std::string, std::uint64_t> distribution;
  for (const RiskLevel level : {RiskLevel::low, RiskLevel::medium, RiskLevel::high, RiskLevel::critical}) {
    distribution[std::string(to_string(level))] = counts[static_cast<std::size_t>(level)];
  }
  return distribution;
}

std::map<std::string, std::uint64_t> by_name(const std::vector<NamedCount>& counts) {
  std::map<std::string, std::uint64_t> named;
  for (const NamedCount& count : counts) named[count.name] = count.count;
  return named;
}

}  // namespace

std::optional<Detail> AnomalySelection::inconsistency() const { return check_range(start_date, end_date); }
std::optional<Detail> StatisticsRange::inconsistency() const { return check_range(start_date, end_date); }

AnomalyFilter AnomalySelection::filter() const {
  return {.start = start_date,
          .end = end_date,
          .source = source,
          .entity = entity,
          .is_anomaly = is_anomaly,
          .min_score = min_score,
          .risk_level = risk_level,
          .technique = technique};
}

std::optional<Detail> LoggedAnomaly::inconsistency() const {
  if (values.empty()) return std::nullopt;
  Event event;
  for (const auto& [channel, value] : values) event.values.push_back({channel, value});
  const auto valid = validate(event);
  if (valid) return std::nullopt;
  return Detail{.loc = {"values"}, .message = valid.error().message, .type = "value_error"};
}

AnomalyView view_of(const StoredAnomaly& anomaly) {
  AnomalyView view;
  static_cast<AnalysisView&>(view) = topoforge::view_of(anomaly.analysis);
  view.id = anomaly.id;
  view.stored_at = anomaly.stored_at;
  view.timestamp = anomaly.time;
  if (anomaly.event) view.original_event = topoforge::view_of(*anomaly.event);
  view.origin = anomaly.origin;
  view.created_by = anomaly.created_by;
  view.review = anomaly.review;
  return view;
}

AnomalyStats stats_of(const AnomalyStatistics& statistics) {
  AnomalyStats stats{.total_anomalies = statistics.anomalies,
                     .total_logged = statistics.total,
                     .by_source = by_name(statistics.by_source),
                     .severity_distribution = by_risk_level(statistics.by_risk_level),
                     .by_technique = by_name(statistics.by_technique),
                     .bucket = statistics.bucket,
                     .over_time = {},
                     .over_time_is_cut = statistics.over_time_is_cut,
                     .other_sources = statistics.other_sources,
                     .other_techniques = statistics.other_techniques,
                     .acknowledged = statistics.acknowledged,
                     .true_positives = statistics.true_positives,
                     .false_positives = statistics.false_positives};
  for (const BucketCount& bucket : statistics.over_time) {
    std::uint64_t count = 0;
    for (const std::size_t of_level : bucket.anomalies) count += of_level;
    stats.over_time.push_back(
        {.start = bucket.start, .count = count, .severity_distribution = by_risk_level(bucket.anomalies)});
  }
  return stats;
}

NewAnomaly anomaly_of(LoggedAnomaly logged, std::string created_by, Timestamp now) {
  NewAnomaly anomaly;
  anomaly.origin = AnomalyOrigin::manual;
  anomaly.created_by = std::move(created_by);
  Analysis& analysis = anomaly.analysis;
  analysis.stream = {.source = std::move(logged.source), .entity = std::move(logged.entity)};
  analysis.timestamp = logged.timestamp.value_or(now);
  analysis.anomaly_score = logged.anomaly_score;
  analysis.threshold = kUsualThreshold;
  analysis.is_anomaly = logged.is_anomaly.value_or(logged.anomaly_score > kUsualThreshold);
  analysis.risk_level = risk_level(logged.anomaly_score);
  analysis.betti_numbers = {
      .h0 = logged.betti_numbers.h0, .h1 = logged.betti_numbers.h1, .h2 = logged.betti_numbers.h2};
  analysis.explanation = std::move(logged.explanation);
  analysis.security = ThreatClassifier().classify({.anomaly_score = analysis.anomaly_score,
                                                   .betti_numbers = analysis.betti_numbers,
                                                   .event_rate_hz = std::nullopt,
                                                   .event_rate_ratio = std::nullopt});
  if (!logged.values.empty()) {
    Event event{.stream = analysis.stream, .timestamp = analysis.timestamp, .values = {}, .attributes = {}, .id = {}};
    for (const auto& [channel, value] : logged.values) event.values.push_back({channel, value});
    event.attributes.assign(logged.attributes.begin(), logged.attributes.end());
    anomaly.event = std::move(event);
  }
  return anomaly;
}

}  // namespace topoforge::api
