#include "topoforge/adapters/sqlite/anomaly_statistics.hpp"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "topoforge/adapters/sqlite/anomaly_counts.hpp"
#include "topoforge/adapters/sqlite/anomaly_rows.hpp"
#include "topoforge/ports/anomaly_rules.hpp"

namespace topoforge::sqlite {
namespace {

void add_sum(NamedSum& sum, AnomalyStatistics& statistics) {
  const auto count = static_cast<std::size_t>(sum.count);
  if (sum.kind == CountKind::risk) statistics.total += count;
  if (!sum.is_anomaly) return;
  if (sum.kind == CountKind::risk) {
    statistics.anomalies += count;
    statistics.by_risk_level.at(static_cast<std::size_t>(sum.name.at(0) - '0')) += count;
  } else if (sum.kind == CountKind::source) {
    statistics.by_source.push_back({std::move(sum.name), count});
  } else if (sum.kind == CountKind::technique) {
    statistics.by_technique.push_back({std::move(sum.name), count});
  } else if (sum.name == kAcknowledged) {
    statistics.acknowledged += count;
  } else if (sum.name == kTruePositive) {
    statistics.true_positives += count;
  } else if (sum.name == kFalsePositive) {
    statistics.false_positives += count;
  }
}

}  // namespace

Result<AnomalyStatistics> read_statistics(Connection& connection, const StatisticsQuery& query) {
  TimeRange range;
  if (query.start) range.start = microseconds(*query.start);
  if (query.end) range.end = microseconds(*query.end);
  AnomalyStatistics statistics;
  auto sums = sum_names(connection, range);
  if (!sums) return tl::unexpected(std::move(sums.error()));
  for (NamedSum& sum : *sums) add_sum(sum, statistics);
  statistics.other_sources = keep_greatest(statistics.by_source);
  statistics.other_techniques = keep_greatest(statistics.by_technique);

  statistics.bucket = bucket_of(query);
  const SpanLevel level = statistics.bucket == StatisticsBucket::hour ? SpanLevel::hour : SpanLevel::day;
  auto spans = sum_spans(connection, range, level, kMaxStatisticsBuckets + 1);
  if (!spans) return tl::unexpected(std::move(spans.error()));
  statistics.over_time_is_cut = spans->size() > kMaxStatisticsBuckets;
  if (statistics.over_time_is_cut) spans->erase(spans->begin());
  for (const SpanSum& span : *spans) {
    BucketCount bucket{.start = Timestamp{std::chrono::seconds{span.start}}, .anomalies = {}};
    std::transform(span.by_risk.begin(), span.by_risk.end(), bucket.anomalies.begin(),
                   [](std::int64_t count) { return static_cast<std::size_t>(count); });
    statistics.over_time.push_back(bucket);
  }
  return statistics;
}

}  // namespace topoforge::sqlite
