#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "topoforge/codec/json/analysis_model.hpp"
#include "topoforge/codec/json/event_model.hpp"
#include "topoforge/codec/model/detail.hpp"
#include "topoforge/codec/model/model.hpp"
#include "topoforge/ports/anomaly_store.hpp"

/// Purpose: what /api/anomalies takes and gives. Thread safety: values.
namespace topoforge {

BOOST_DESCRIBE_ENUM(AnomalyLabel, none, true_positive, false_positive)
BOOST_DESCRIBE_ENUM(AnomalyOrigin, engine, manual)
BOOST_DESCRIBE_ENUM(StatisticsBucket, hour, day)

BOOST_DESCRIBE_STRUCT(AnomalyReview, (), (label, acknowledged_by, acknowledged_at, note, revision))
constexpr auto model_of(std::type_identity<AnomalyReview>) {
  return model("AnomalyReview", "What a person who looked at it says",
               field(&AnomalyReview::acknowledged_at, {.about = "null until somebody has looked at it"}),
               field(&AnomalyReview::revision, {.about = "How often it was reviewed"}));
}

namespace api {

/// The `data` of its live message, and what is known of it since.
struct AnomalyView : AnalysisView {
  std::string id;
  Timestamp stored_at;
  std::optional<EventView> original_event;
  AnomalyOrigin origin = AnomalyOrigin::engine;
  std::string created_by;
  AnomalyReview review;
  static constexpr auto model() {
    return model_extending<AnalysisView>(
        "Anomaly", "A window that was judged to be an anomaly, or what a person logged",
        field(&AnomalyView::original_event, {.about = "The newest of the window; null if nobody knows it"}),
        field(&AnomalyView::created_by, {.about = "Who logged it; empty for the engine's"}));
  }
};
BOOST_DESCRIBE_STRUCT(AnomalyView, (AnalysisView), (id, stored_at, original_event, origin, created_by, review))

/// Filters that list and export share.
struct AnomalySelection {
  std::optional<Timestamp> start_date;
  std::optional<Timestamp> end_date;
  std::optional<std::string> source;
  std::optional<std::string> entity;
  std::optional<bool> is_anomaly;
  std::optional<double> min_score;
  std::optional<RiskLevel> risk_level;
  std::optional<std::string> technique;

  [[nodiscard]] std::optional<Detail> inconsistency() const;
  [[nodiscard]] AnomalyFilter filter() const;
  static constexpr auto model() {
    return topoforge::model(
        "AnomalySelection", "Which anomalies",
        field(&AnomalySelection::start_date, {.about = "At or after this time: ISO 8601 or an epoch number"}),
        field(&AnomalySelection::end_date, {.about = "Before this time"}),
        field(&AnomalySelection::source, {.max_length = kMaxNameBytes}),
        field(&AnomalySelection::entity, {.max_length = kMaxNameBytes}),
        field(&AnomalySelection::min_score, {.about = "Least anomaly_score", .least = 0, .most = 1}),
        field(&AnomalySelection::technique,
              {.about = "ATT&CK technique among the threats", .max_length = kMaxTechniqueIdBytes, .example = "T1071"}));
  }
};
BOOST_DESCRIBE_STRUCT(AnomalySelection, (),
                      (start_date, end_date, source, entity, is_anomaly, min_score, risk_level, technique))

struct AnomalySearch : AnomalySelection {
  std::uint64_t page = 1;
  std::uint64_t limit = 100;
  std::string cursor;
  static constexpr auto model() {
    return model_extending<AnomalySelection>(
        "AnomalySearch", "Which anomalies, and which of them on this page",
        field(&AnomalySearch::page,
              {.about = "Page, from 1", .least = 1, .most = kMaxAnomalyPage, .has_default = true}),
        field(&AnomalySearch::limit,
              {.about = "Anomalies on a page", .least = 1, .most = kMaxAnomalyLimit, .has_default = true}),
        field(&AnomalySearch::cursor, {.about = "next_cursor of the page before, in the place of a page",
                                       .max_length = 256,
                                       .has_default = true}));
  }
};
BOOST_DESCRIBE_STRUCT(AnomalySearch, (AnomalySelection), (page, limit, cursor))

struct AnomalyList {
  std::vector<AnomalyView> data;
  std::uint64_t page = 1;
  std::uint64_t limit = 0;
  std::uint64_t total = 0;
  bool total_is_exact = true;
  std::optional<std::string> next_cursor;
  static constexpr auto model() {
    return topoforge::model(
        "AnomalyList", "Anomalies, newest first", field(&AnomalyList::total, {.about = "Matches on all pages"}),
        field(&AnomalyList::total_is_exact, {.about = "false: counting took too long, there are at least `total`"}),
        field(&AnomalyList::next_cursor, {.about = "For the next page; null on the last one"}));
  }
};
BOOST_DESCRIBE_STRUCT(AnomalyList, (), (data, page, limit, total, total_is_exact, next_cursor))

struct StatisticsRange {
  std::optional<Timestamp> start_date;
  std::optional<Timestamp> end_date;
  std::optional<StatisticsBucket> bucket;
  [[nodiscard]] std::optional<Detail> inconsistency() const;
  static constexpr auto model() {
    return topoforge::model("StatisticsRange", "Which anomalies are counted",
                            field(&StatisticsRange::bucket,
                                  {.about = "Hours in a range of a week or less, else days, unless it is given"}));
  }
};
BOOST_DESCRIBE_STRUCT(StatisticsRange, (), (start_date, end_date, bucket))

struct BucketOfAnomalies {
  Timestamp start;
  std::uint64_t count = 0;
  std::map<std::string, std::uint64_t> severity_distribution;
  static constexpr auto model() { return topoforge::model("BucketOfAnomalies", "Anomalies of an hour or a day"); }
};
BOOST_DESCRIBE_STRUCT(BucketOfAnomalies, (), (start, count, severity_distribution))

struct AnomalyStats {
  std::uint64_t total_anomalies = 0;
  std::uint64_t total_logged = 0;
  std::map<std::string, std::uint64_t> by_source;
  std::map<std::string, std::uint64_t> severity_distribution;
  std::map<std::string, std::uint64_t> by_technique;
  StatisticsBucket bucket = StatisticsBucket::day;
  std::vector<BucketOfAnomalies> over_time;
  bool over_time_is_cut = false;
  std::uint64_t other_sources = 0;
  std::uint64_t other_techniques = 0;
  std::uint64_t acknowledged = 0;
  std::uint64_t true_positives = 0;
  std::uint64_t false_positives = 0;
  static constexpr auto model() {
    return topoforge::model("AnomalyStats", "Counts",
                            field(&AnomalyStats::total_logged, {.about = "With what was logged and is no anomaly"}),
                            field(&AnomalyStats::by_source, {.about = "The sources with the most"}),
                            field(&AnomalyStats::other_sources, {.about = "Anomalies of the sources beyond"}),
                            field(&AnomalyStats::other_techniques, {.about = "The same of the techniques"}),
                            field(&AnomalyStats::over_time, {.about = "Oldest first, without empty ones"}));
  }
};
BOOST_DESCRIBE_STRUCT(AnomalyStats, (),
                      (total_anomalies, total_logged, by_source, severity_distribution, by_technique, bucket, over_time,
                       over_time_is_cut, other_sources, other_techniques, acknowledged, true_positives,
                       false_positives))

/// Betti numbers as they are sent.
struct BettiCounts {
  std::uint64_t h0 = 0;
  std::uint64_t h1 = 0;
  std::uint64_t h2 = 0;
  static constexpr auto model() {
    constexpr double kMost = 1e9;
    return topoforge::model("BettiCounts", "Components, loops and voids",
                            field(&BettiCounts::h0, {.most = kMost, .has_default = true}),
                            field(&BettiCounts::h1, {.most = kMost, .has_default = true}),
                            field(&BettiCounts::h2, {.most = kMost, .has_default = true}));
  }
};
BOOST_DESCRIBE_STRUCT(BettiCounts, (), (h0, h1, h2))

/// An anomaly that a person logs.
struct LoggedAnomaly {
  std::string source;
  std::string entity;
  double anomaly_score = 0.0;
  std::optional<bool> is_anomaly;
  std::optional<Timestamp> timestamp;
  BettiCounts betti_numbers;
  std::map<std::string, double> values;
  std::map<std::string, std::string> attributes;
  std::string explanation;
  [[nodiscard]] std::optional<Detail> inconsistency() const;
  static constexpr auto model() {
    return topoforge::model("LoggedAnomaly", "An anomaly that a person logs",
                            field(&LoggedAnomaly::source, {.min_length = 1, .max_length = kMaxNameBytes}),
                            field(&LoggedAnomaly::entity, {.max_length = kMaxNameBytes, .has_default = true}),
                            field(&LoggedAnomaly::anomaly_score, {.least = 0, .most = 1}),
                            field(&LoggedAnomaly::is_anomaly, {.about = "By default whether the score is above 0.5"}),
                            field(&LoggedAnomaly::timestamp, {.about = "By default now"}),
                            field(&LoggedAnomaly::betti_numbers, {.has_default = true}),
                            field(&LoggedAnomaly::values, {.about = "Of the event",
                                                           .least = -kMaxAbsoluteValue,
                                                           .most = kMaxAbsoluteValue,
                                                           .max_length = kMaxChannels,
                                                           .has_default = true}),
                            field(&LoggedAnomaly::attributes, {.max_length = kMaxAttributes, .has_default = true}),
                            field(&LoggedAnomaly::explanation, {.has_default = true}));
  }
};
BOOST_DESCRIBE_STRUCT(LoggedAnomaly, (),
                      (source, entity, anomaly_score, is_anomaly, timestamp, betti_numbers, values, attributes,
                       explanation))

struct Acknowledgement {
  std::optional<std::string> note;
  static constexpr auto model() {
    return topoforge::model("Acknowledgement", "Somebody has looked at it",
                            field(&Acknowledgement::note, {.max_length = kMaxAnomalyNoteBytes / 4}));
  }
};
BOOST_DESCRIBE_STRUCT(Acknowledgement, (), (note))

struct LabelChange {
  AnomalyLabel label = AnomalyLabel::none;
  std::optional<std::string> note;
  std::optional<std::uint64_t> revision;
  static constexpr auto model() {
    return topoforge::model(
        "LabelChange", "What it turned out to be",
        field(&LabelChange::note, {.about = "Without one it stays as it is", .max_length = kMaxAnomalyNoteBytes / 4}),
        field(&LabelChange::revision, {.about = "The review that was seen; 409 if there was another one since"}));
  }
};
BOOST_DESCRIBE_STRUCT(LabelChange, (), (label, note, revision))

enum class ExportFormat { csv, json, ndjson };
BOOST_DESCRIBE_ENUM(ExportFormat, csv, json, ndjson)

struct ExportQuery : AnomalySelection {
  ExportFormat format = ExportFormat::csv;
  static constexpr auto model() {
    return model_extending<AnomalySelection>("ExportQuery", "Which anomalies, in which format",
                                             field(&ExportQuery::format, {.has_default = true}));
  }
};
BOOST_DESCRIBE_STRUCT(ExportQuery, (AnomalySelection), (format))

AnomalyView view_of(const StoredAnomaly& anomaly);
AnomalyStats stats_of(const AnomalyStatistics& statistics);
/// The classified anomaly as the store takes it.
NewAnomaly anomaly_of(LoggedAnomaly logged, std::string created_by, Timestamp now);

}  // namespace api
}  // namespace topoforge
