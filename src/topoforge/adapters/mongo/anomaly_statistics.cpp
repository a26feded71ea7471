#include "topoforge/adapters/mongo/anomaly_statistics.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <utility>

#include "topoforge/adapters/mongo/anomaly_document.hpp"
#include "topoforge/adapters/mongo/anomaly_filter.hpp"
#include "topoforge/ports/anomaly_rules.hpp"

namespace topoforge::mongo {
namespace {

constexpr const char* kCount = "count";

class Counter {
 public:
  Counter(Database& database, const char* collection, const StatisticsQuery& query)
      : database_(database),
        collection_(collection),
        range_({.start = query.start, .end = query.end}),
        bucket_(bucket_of(query)) {}

  Result<AnomalyStatistics> count() {
    result_.bucket = bucket_;
    auto done = count_all();
    if (done) done = count_risks();
    if (done) done = count_names(kSource, false, result_.by_source);
    if (done) done = count_names(kTechniques, true, result_.by_technique);
    if (done) done = count_reviews();
    if (!done) return tl::unexpected(std::move(done.error()));
    result_.other_sources = keep_greatest(result_.by_source);
    result_.other_techniques = keep_greatest(result_.by_technique);
    return std::move(result_);
  }

 private:
  using Group = std::function<Result<void>(const Element& key, std::size_t count)>;

  /// Of those of the range that are anomalies, and meet the condition.
  Result<void> for_each_group(const Document& condition, const std::string& unwound, const Document& key,
                              const Group& function) {
    AnomalyFilter anomalies = range_;
    anomalies.is_anomaly = true;
    std::vector<Document> conditions = conditions_of(anomalies);
    if (!condition.empty()) conditions.push_back(condition);
    Array stages;
    stages.document(with("$match", all_of(conditions)));
    if (!unwound.empty()) stages.document(where("$unwind", unwound));
    Document group = key;
    group.document(kCount, Document().small_integer("$sum", 1));
    stages.document(with("$group", group));
    const auto groups = database_.aggregate(collection_, stages);
    if (!groups) return tl::unexpected(groups.error());
    for (const Document& one : *groups) {
      const std::vector<Element> members = elements_of(one);
      const auto counted = static_cast<std::size_t>(Reader(one).integer(kCount));
      if (auto done = function(members.front(), counted); !done) return done;
    }
    return {};
  }

  Result<void> count_all() {
    const auto total = database_.count(collection_, all_of(conditions_of(range_)));
    if (!total) return tl::unexpected(total.error());
    result_.total = *total;
    return {};
  }

  Result<void> count_risks() {
    std::map<Timestamp, RiskCounts> buckets;
    Document key;
    key.document("_id", Document().text(kHour, std::string("$") + kHour).text(kRisk, std::string("$") + kRisk));
    auto done = for_each_group({}, "", key, [&](const Element& group, std::size_t count) -> Result<void> {
      const auto inner = group.inner();
      if (!inner) return fail(ErrorCode::corrupt, "a count of anomalies by hour has no hour");
      Reader reader(*inner);
      const auto risk = risk_from_text(reader.text(kRisk));
      if (!risk) return fail(ErrorCode::corrupt, "an anomaly in the database has no risk level");
      const auto place = static_cast<std::size_t>(*risk);
      const Timestamp hour{std::chrono::hours{reader.integer(kHour)}};
      const Timestamp start = bucket_ == StatisticsBucket::hour ? hour : std::chrono::floor<std::chrono::days>(hour);
      buckets[start].at(place) += count;
      result_.by_risk_level.at(place) += count;
      result_.anomalies += count;
      return {};
    });
    result_.over_time_is_cut = buckets.size() > kMaxStatisticsBuckets;
    while (buckets.size() > kMaxStatisticsBuckets) buckets.erase(buckets.begin());
    for (const auto& [start, counts] : buckets) result_.over_time.push_back({start, counts});
    return done;
  }

  Result<void> count_names(const char* field, bool is_list, std::vector<NamedCount>& counts) {
    const std::string path = std::string("$") + field;
    return for_each_group({}, is_list ? path : "", where("_id", path),
                          [&](const Element& group, std::size_t count) -> Result<void> {
                            counts.push_back({group.text().value_or(std::string()), count});
                            return {};
                          });
  }

  Result<void> count_reviews() {
    return for_each_group(with(kAcknowledged.date, Document().boolean("$exists", true)), "",
                          where("_id", std::string("$") + kLabel),
                          [&](const Element& group, std::size_t count) -> Result<void> {
                            const auto label = static_cast<AnomalyLabel>(group.integer().value_or(0));
                            result_.acknowledged += count;
                            if (label == AnomalyLabel::true_positive) result_.true_positives += count;
                            if (label == AnomalyLabel::false_positive) result_.false_positives += count;
                            return {};
                          });
  }

  Database& database_;
  const char* collection_;
  AnomalyFilter range_;
  StatisticsBucket bucket_;
  AnomalyStatistics result_;
};

}  // namespace

Result<AnomalyStatistics> read_statistics(Database& database, const char* collection, const StatisticsQuery& query) {
  return Counter(database, collection, query).count();
}

}  // namespace topoforge::mongo
