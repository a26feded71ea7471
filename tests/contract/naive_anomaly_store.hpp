#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "topoforge/ports/anomaly_store.hpp"

/// Purpose: the contract of AnomalyStore without its errors, written as plainly as can be: every question looks at
/// everything. What real stores answer is compared with it.
namespace topoforge {

class NaiveAnomalyStore {
 public:
  /// With the ids that the store under test gave.
  void add(std::span<const NewAnomaly> anomalies, const std::vector<std::string>& ids, Timestamp now) {
    for (std::size_t i = 0; i < anomalies.size(); ++i) {
      StoredAnomaly kept;
      kept.id = ids.at(i);
      kept.stored_at = now;
      kept.time = anomalies[i].analysis.timestamp.value_or(now);
      kept.analysis = anomalies[i].analysis;
      kept.event = anomalies[i].event;
      kept_.push_back(std::move(kept));
    }
  }
  void review(const std::string& id, AnomalyLabel label) {
    for (StoredAnomaly& kept : kept_) {
      if (kept.id != id) continue;
      kept.review.label = label;
      kept.review.acknowledged_at = kept.time;
    }
  }
  void erase(const std::string& id) {
    std::erase_if(kept_, [&](const StoredAnomaly& kept) { return kept.id == id; });
  }
  std::size_t erase_before(Timestamp time) {
    return std::erase_if(kept_, [&](const StoredAnomaly& kept) { return kept.time < time; });
  }

  /// Ids, newest first.
  [[nodiscard]] std::vector<std::string> find(const AnomalyFilter& filter) const {
    std::vector<std::string> ids;
    for (const StoredAnomaly& kept : kept_) {
      if (matches(kept, filter)) ids.push_back(kept.id);
    }
    std::reverse(ids.begin(), ids.end());
    return ids;
  }

  [[nodiscard]] AnomalyStatistics statistics(const StatisticsQuery& query) const {
    AnomalyStatistics result;
    std::map<std::string, std::size_t> sources;
    std::map<std::string, std::size_t> techniques;
    std::map<Timestamp, RiskCounts> buckets;
    for (const StoredAnomaly& kept : kept_) {
      if (!matches(kept, {.start = query.start, .end = query.end})) continue;
      ++result.total;
      if (!kept.analysis.is_anomaly) continue;
      ++result.anomalies;
      const auto risk = static_cast<std::size_t>(kept.analysis.risk_level);
      ++result.by_risk_level.at(risk);
      ++sources[kept.analysis.stream.source];
      for (const std::string& technique : techniques_of(kept)) ++techniques[technique];
      const Timestamp bucket = *query.bucket == StatisticsBucket::hour
                                   ? Timestamp{std::chrono::floor<std::chrono::hours>(kept.time)}
                                   : Timestamp{std::chrono::floor<std::chrono::days>(kept.time)};
      ++buckets[bucket].at(risk);
      if (kept.review.acknowledged_at) ++result.acknowledged;
      if (kept.review.label == AnomalyLabel::true_positive) ++result.true_positives;
      if (kept.review.label == AnomalyLabel::false_positive) ++result.false_positives;
    }
    result.by_source = by_count(sources);
    result.by_technique = by_count(techniques);
    result.over_time_is_cut = buckets.size() > kMaxStatisticsBuckets;
    while (buckets.size() > kMaxStatisticsBuckets) buckets.erase(buckets.begin());
    for (const auto& [start, risks] : buckets) result.over_time.push_back({start, risks});
    return result;
  }

  [[nodiscard]] const std::vector<StoredAnomaly>& all() const { return kept_; }

 private:
  static std::set<std::string> techniques_of(const StoredAnomaly& anomaly) {
    std::set<std::string> ids;
    for (const ThreatCandidate& threat : anomaly.analysis.security.threats) ids.insert(threat.technique_id);
    return ids;
  }
  static bool matches(const StoredAnomaly& anomaly, const AnomalyFilter& filter) {
    const Analysis& analysis = anomaly.analysis;
    return (!filter.start || anomaly.time >= *filter.start) && (!filter.end || anomaly.time < *filter.end) &&
           (!filter.source || analysis.stream.source == *filter.source) &&
           (!filter.entity || analysis.stream.entity == *filter.entity) &&
           (!filter.is_anomaly || analysis.is_anomaly == *filter.is_anomaly) &&
           (!filter.min_score || analysis.anomaly_score >= *filter.min_score) &&
           (!filter.risk_level || analysis.risk_level == *filter.risk_level) &&
           (!filter.technique || techniques_of(anomaly).contains(*filter.technique));
  }
  static std::vector<NamedCount> by_count(const std::map<std::string, std::size_t>& counts) {
    std::vector<NamedCount> list;
    for (const auto& [name, count] : counts) list.push_back({name, count});
    std::stable_sort(list.begin(), list.end(),
                     [](const NamedCount& a, const NamedCount& b) { return a.count > b.count; });
    return list;
  }

  std::vector<StoredAnomaly> kept_;
};

}  // namespace topoforge
