#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "topoforge/adapters/sqlite/connection.hpp"
#include "topoforge/base/result.hpp"

/// Purpose: how many anomalies there are of each kind, kept up to date with every change, so that counts and statistics
/// of a million take milliseconds. Counters stand for spans of time of several widths; a range of time is put together
/// from the widest spans that fit, and from the rows themselves in what is left at its two ends, less than the
/// narrowest span each. Units: times in microseconds since 1970, starts of spans in seconds.
/// Thread safety: one owner of the connection at a time.
namespace topoforge::sqlite {

/// What anomalies are counted by; the last two over all time alone.
enum class CountKind : std::int64_t { risk = 0, source = 1, technique = 2, review = 3, entity = 4, score = 5 };

/// Widths of the spans in seconds, each a multiple of the one before; at last 0, which stands for all time.
inline constexpr std::array<std::int64_t, 5> kSpans = {600, 3600, 86400, 32 * std::int64_t{86400}, 0};
enum class SpanLevel : std::size_t { ten_minutes = 0, hour = 1, day = 2, month = 3, all = 4 };

/// Stands between, before and behind the techniques of an anomaly, so that one is found by a plain search.
inline constexpr char kTechniqueEnd = ' ';

template <class Function>
void for_each_technique(std::string_view techniques, Function function) {
  while (techniques.size() > 1) {
    techniques.remove_prefix(1);
    const std::size_t end = techniques.find(kTechniqueEnd);
    function(techniques.substr(0, end));
    techniques.remove_prefix(std::min(end, techniques.size()));
  }
}

/// The columns of an anomaly that are counted.
struct CountedAnomaly {
  std::int64_t id = 0;
  std::int64_t time = 0;
  std::string_view source;
  std::string_view entity;
  double score = 0.0;  ///< in [0, 1]
  bool is_anomaly = false;
  std::int64_t risk = 0;
  std::string_view techniques;  ///< see kTechniqueEnd
  bool acknowledged = false;
  std::int64_t label = 0;
};

/// What counted_of() reads.
inline constexpr const char* kCountedColumns =
    "id, time, source, entity, score, is_anomaly, risk, techniques, acknowledged_at IS NOT NULL, label";
/// Its texts live until the next step.
CountedAnomaly counted_of(const Query& row);

/// The names of CountKind::review.
inline constexpr std::string_view kAcknowledged = "acknowledged";
inline constexpr std::string_view kTruePositive = "true_positive";
inline constexpr std::string_view kFalsePositive = "false_positive";

/// What a change adds and takes; anomalies of one source and time share their counters, so that they are written once.
class CountChanges {
 public:
  void add(const CountedAnomaly& anomaly) { note(anomaly, 1); }
  void take(const CountedAnomaly& anomaly) { note(anomaly, -1); }
  Result<void> write(Connection& connection) const;

 private:
  using Key = std::tuple<CountKind, std::int64_t, std::string, bool>;  ///< kind, start, name, is_anomaly
  struct Change {
    std::int64_t count = 0;
    std::int64_t first_id = 0;
    std::int64_t last_id = 0;
    bool takes = false;
  };
  using Changes = std::map<Key, Change>;

  void note(const CountedAnomaly& anomaly, std::int64_t sign);

  Changes changes_;                              ///< of the narrowest spans
  std::map<std::int64_t, std::int64_t> blocks_;  ///< count by block
};

/// Half open; absent bounds are those of time.
struct TimeRange {
  std::optional<std::int64_t> start = {};
  std::optional<std::int64_t> end = {};
};

/// What matches, and between which ids all of it lies.
struct CountResult {
  std::size_t count = 0;
  std::int64_t first_id = INT64_MAX;
  std::int64_t last_id = 0;
};

/// Of the range (all time for those that are counted over all time alone), those of a kind with the name (all names,
/// when it is absent) and is_anomaly (both).
struct CountQuery {
  TimeRange range = {};
  CountKind kind = CountKind::risk;
  std::optional<std::string> name = {};
  std::optional<bool> is_anomaly = {};
};
Result<CountResult> count_anomalies(Connection& connection, const CountQuery& query);

/// Of all time, those with a score of at least this: from counters of a thousandth each, and the rows of the thousandth
/// in which it lies.
Result<std::size_t> count_by_score(Connection& connection, double min_score, std::optional<bool> is_anomaly);
/// Without the rows: no fewer than that, and seldom many more.
Result<std::size_t> bound_by_score(Connection& connection, double min_score);

struct NamedSum {
  CountKind kind;
  std::string name;
  bool is_anomaly;
  std::int64_t count;
};
/// The sums of all names in a range, of the kinds that are counted by time.
Result<std::vector<NamedSum>> sum_names(Connection& connection, const TimeRange& range);

/// Anomalies proper of one span by risk level.
struct SpanSum {
  std::int64_t start;
  std::array<std::int64_t, 4> by_risk;
};
/// The newest `limit` spans of the level that are not empty, oldest first; only what lies in the range is counted.
Result<std::vector<SpanSum>> sum_spans(Connection& connection, const TimeRange& range, SpanLevel level,
                                       std::size_t limit);

/// Where the walk to a far page begins: `to_skip` anomalies down from the id.
struct PagePlace {
  std::int64_t last_id;
  std::size_t to_skip;
};
/// The place `offset` anomalies below the newest.
Result<PagePlace> find_page(Connection& connection, std::size_t offset);

/// Forgets all counters and makes them from the rows.
Result<void> count_again(Connection& connection);

}  // namespace topoforge::sqlite
