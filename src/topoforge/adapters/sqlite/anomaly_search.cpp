#include "topoforge/adapters/sqlite/anomaly_search.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "topoforge/adapters/sqlite/anomaly_counts.hpp"
#include "topoforge/adapters/sqlite/anomaly_rows.hpp"

namespace topoforge::sqlite {
namespace {

/// Matches of a condition that are worth being read and sorted, rather than walking all ids.
constexpr std::size_t kMaxSorted = 5000;
/// Steps of SQLite's machine that a count may take: some milliseconds.
constexpr int kCountSteps = 120'000;

std::string risk_name(RiskLevel risk) { return std::to_string(static_cast<int>(risk)); }

TimeRange range_of(const AnomalyFilter& filter) {
  TimeRange range;
  if (filter.start) range.start = microseconds(*filter.start);
  if (filter.end) range.end = microseconds(*filter.end);
  return range;
}

/// Where the walk finds its rows.
enum class Way { ids, technique, entity, source, risk, normal, time, score };

struct Plan {
  Way way = Way::ids;
  std::int64_t first_id = 0;
  std::int64_t last_id = INT64_MAX;  ///< all matches lie between
};

/// Rows of the table of techniques need a look at the table of anomalies each; the other ways have all in their index.
constexpr std::size_t kTechniqueRowCost = 5;

class Planner {
 public:
  Planner(Connection& connection, const AnomalyFilter& filter) : connection_(connection), filter_(filter) {}

  Result<Plan> plan() {
    auto done = consider({.kind = CountKind::risk}, Way::ids);
    if (done && filter_.source) done = consider({.kind = CountKind::source, .name = filter_.source}, Way::source);
    if (done && filter_.entity && !filter_.entity->empty()) {
      done = consider({.kind = CountKind::entity, .name = filter_.entity}, Way::entity);
    }
    if (done && filter_.risk_level) {
      done = consider({.kind = CountKind::risk, .name = risk_name(*filter_.risk_level)}, Way::risk);
    }
    if (done && filter_.is_anomaly == false) {
      done = consider({.kind = CountKind::risk, .is_anomaly = false}, Way::normal);
    }
    if (done && filter_.technique) {
      done = consider({.kind = CountKind::technique, .name = filter_.technique}, Way::technique);
    }
    if (done && (filter_.start || filter_.end)) {
      done = consider({.range = range_of(filter_), .kind = CountKind::risk}, Way::time);
    }
    if (done && filter_.min_score) {
      const auto count = bound_by_score(connection_, *filter_.min_score);
      if (!count) return tl::unexpected(count.error());
      choose(Way::score, *count);
    }
    if (!done) return tl::unexpected(std::move(done.error()));
    return plan_;
  }

 private:
  /// All matches are among those of the query: narrows the ids, and takes the way if it is shorter.
  Result<void> consider(const CountQuery& query, Way way) {
    const auto counted = count_anomalies(connection_, query);
    if (!counted) return tl::unexpected(counted.error());
    plan_.first_id = std::max(plan_.first_id, counted->first_id);
    plan_.last_id = std::min(plan_.last_id, counted->last_id);
    choose(way, counted->count);
    return {};
  }

  void choose(Way way, std::size_t rows) {
    // What these find is not in the order of ids and must be sorted.
    if ((way == Way::time || way == Way::score) && rows > kMaxSorted) return;
    const std::size_t cost = way == Way::technique ? rows * kTechniqueRowCost : rows;
    if (way != Way::ids && cost >= cost_) return;
    plan_.way = way;
    cost_ = cost;
  }

  Connection& connection_;
  const AnomalyFilter& filter_;
  Plan plan_;
  std::size_t cost_ = 0;
};

const char* tables_of(Way way) {
  switch (way) {
    case Way::ids: return "anomalies AS a NOT INDEXED";
    // CROSS JOIN: in this order.
    case Way::technique: return "anomaly_techniques AS t CROSS JOIN anomalies AS a ON a.id = t.anomaly";
    case Way::entity: return "anomalies AS a INDEXED BY anomalies_entity";
    case Way::source: return "anomalies AS a INDEXED BY anomalies_source";
    case Way::risk: return "anomalies AS a INDEXED BY anomalies_risk";
    case Way::normal: return "anomalies AS a INDEXED BY anomalies_normal";
    case Way::time: return "anomalies AS a INDEXED BY anomalies_time";
    case Way::score: return "anomalies AS a INDEXED BY anomalies_score";
  }
  return "";
}

/// A statement in the making.
class Search {
 public:
  Search(const AnomalyFilter& filter, const Plan& plan, const std::string& columns)
      : id_(plan.way == Way::technique ? "t.anomaly" : "a.id") {
    sql_ = "SELECT " + columns + " FROM " + tables_of(plan.way) + " WHERE 1";
    if (filter.technique) {
      if (plan.way == Way::technique) {
        add(" AND t.technique = ", *filter.technique);
      } else {
        add(" AND instr(a.techniques, ", kTechniqueEnd + *filter.technique + kTechniqueEnd);
        sql_ += ") > 0";
      }
    }
    if (filter.source) add(" AND a.source = ", *filter.source);
    if (filter.entity) {
      add(" AND a.entity = ", *filter.entity);
      if (!filter.entity->empty()) sql_ += " AND a.entity <> ''";
    }
    if (filter.risk_level) add(" AND a.risk = ", static_cast<std::int64_t>(*filter.risk_level));
    // A literal, so that the index of the few normal ones may be used.
    if (filter.is_anomaly) sql_ += *filter.is_anomaly ? " AND a.is_anomaly = 1" : " AND a.is_anomaly = 0";
    if (filter.min_score) add(" AND a.score >= ", *filter.min_score);
    if (filter.start) add(" AND a.time >= ", microseconds(*filter.start));
    if (filter.end) add(" AND a.time < ", microseconds(*filter.end));
  }

  void ids(std::int64_t after, std::int64_t up_to) {
    add(" AND " + id_ + " > ", after);
    add(" AND " + id_ + " <= ", up_to);
  }
  void order(bool newest_first) { sql_ += " ORDER BY " + id_ + (newest_first ? " DESC" : ""); }
  void limit(std::size_t count, std::size_t skip) {
    add(" LIMIT ", static_cast<std::int64_t>(count));
    add(" OFFSET ", static_cast<std::int64_t>(skip));
  }
  [[nodiscard]] Result<Query> start(Connection& connection) const { return connection.query_with(sql_, values_); }

 private:
  void add(const std::string& text, Value value) {
    values_.push_back(std::move(value));
    sql_ += text + "?" + std::to_string(values_.size());
  }

  std::string id_;
  std::string sql_;
  std::vector<Value> values_;
};

/// The counters' answer, where no more than one condition beside time and is_anomaly is asked, and counted by.
std::optional<CountQuery> counters_for(const AnomalyFilter& filter) {
  const bool timed = filter.start || filter.end;
  if (filter.min_score || (filter.entity && timed)) return std::nullopt;
  CountQuery query{.range = range_of(filter), .is_anomaly = filter.is_anomaly};
  int conditions = 0;
  const auto count_by = [&](CountKind kind, std::string name) {
    ++conditions;
    query.kind = kind;
    query.name = std::move(name);
  };
  if (filter.technique) count_by(CountKind::technique, *filter.technique);
  if (filter.source) count_by(CountKind::source, *filter.source);
  if (filter.entity) count_by(CountKind::entity, *filter.entity);
  if (filter.risk_level) count_by(CountKind::risk, risk_name(*filter.risk_level));
  if (conditions > 1) return std::nullopt;
  return query;
}

bool asks_for_score_alone(AnomalyFilter filter) {
  const bool scored = filter.min_score.has_value();
  filter.min_score.reset();
  filter.is_anomaly.reset();
  return scored && filter == AnomalyFilter{};
}

}  // namespace

Result<std::vector<std::int64_t>> find_anomalies(Connection& connection, const AnomalyFilter& filter,
                                                 const Part& part) {
  const auto plan = Planner(connection, filter).plan();
  if (!plan) return tl::unexpected(plan.error());
  std::int64_t up_to = std::min(part.up_to, plan->last_id);
  std::size_t skip = part.skip;
  if (filter == AnomalyFilter{} && part.newest_first && part.up_to == INT64_MAX) {
    const auto place = find_page(connection, skip);
    if (!place) return tl::unexpected(place.error());
    up_to = std::min(up_to, place->last_id);
    skip = place->to_skip;
  }
  Search search(filter, *plan, plan->way == Way::technique ? "t.anomaly" : "a.id");
  search.ids(std::max(part.after, plan->first_id - 1), up_to);
  search.order(part.newest_first);
  search.limit(part.limit, skip);
  auto rows = search.start(connection);
  if (!rows) return tl::unexpected(std::move(rows.error()));
  return read_ids(*rows);
}

Result<Total> count_matches(Connection& connection, const AnomalyFilter& filter) {
  if (const auto query = counters_for(filter)) {
    const auto counted = count_anomalies(connection, *query);
    if (!counted) return tl::unexpected(counted.error());
    return Total{.count = counted->count, .is_exact = true};
  }
  if (asks_for_score_alone(filter)) {
    const auto counted = count_by_score(connection, *filter.min_score, filter.is_anomaly);
    if (!counted) return tl::unexpected(counted.error());
    return Total{.count = *counted, .is_exact = true};
  }
  const auto plan = Planner(connection, filter).plan();
  if (!plan) return tl::unexpected(plan.error());
  Search search(filter, *plan, "1");
  search.ids(plan->first_id - 1, plan->last_id);
  const StepBound bound(connection, kCountSteps);
  auto rows = search.start(connection);
  if (!rows) return tl::unexpected(std::move(rows.error()));
  Total total;
  while (true) {
    const auto row = rows->step();
    if (!row && row.error().code == ErrorCode::limit_exceeded) {
      total.is_exact = false;
      return total;
    }
    if (!row) return tl::unexpected(row.error());
    if (!*row) return total;
    ++total.count;
  }
}

}  // namespace topoforge::sqlite
