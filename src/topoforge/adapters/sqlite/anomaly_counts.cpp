#include "topoforge/adapters/sqlite/anomaly_counts.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace topoforge::sqlite {
namespace {

constexpr std::int64_t kMicroseconds = 1'000'000;
constexpr std::int64_t kIdsInBlock = 1024;
/// The years 1 to 9999, in seconds since 1970: what a Timestamp can be.
constexpr std::int64_t kFirstSecond = -62'135'596'800;
constexpr std::int64_t kLastSecond = 253'402'300'800;

constexpr std::int64_t floor_to(std::int64_t number, std::int64_t step) {
  const std::int64_t rest = number % step;
  return number - (rest < 0 ? rest + step : rest);
}
constexpr std::int64_t ceil_to(std::int64_t number, std::int64_t step) { return -floor_to(-number, step); }

std::int64_t span_of(SpanLevel level) { return kSpans.at(static_cast<std::size_t>(level)); }

/// Whole spans of one level: starts in seconds, half open.
struct Piece {
  SpanLevel level;
  std::int64_t start;
  std::int64_t end;
};
/// Microseconds, half open.
struct End {
  std::int64_t start;
  std::int64_t end;
};
struct Pieces {
  std::vector<Piece> spans;
  std::vector<End> ends;
};

/// Covers [start, end), which are multiples of the level's span, with spans as wide as the widest level.
void cover(SpanLevel level, std::int64_t start, std::int64_t end, SpanLevel widest, std::vector<Piece>& pieces) {
  if (start >= end) return;
  const auto next = static_cast<SpanLevel>(static_cast<std::size_t>(level) + 1);
  if (level == widest || next == SpanLevel::all) return pieces.push_back({level, start, end});
  const std::int64_t inner_start = ceil_to(start, span_of(next));
  const std::int64_t inner_end = floor_to(end, span_of(next));
  if (inner_start >= inner_end) return pieces.push_back({level, start, end});
  if (start < inner_start) pieces.push_back({level, start, inner_start});
  cover(next, inner_start, inner_end, widest, pieces);
  if (inner_end < end) pieces.push_back({level, inner_end, end});
}

Pieces split(const TimeRange& range, SpanLevel widest) {
  if (!range.start && !range.end && widest == SpanLevel::all) return {{{SpanLevel::all, 0, 1}}, {}};
  const std::int64_t start = std::max(range.start.value_or(INT64_MIN), kFirstSecond * kMicroseconds);
  const std::int64_t end = std::min(range.end.value_or(INT64_MAX), kLastSecond * kMicroseconds);
  const std::int64_t narrowest = span_of(SpanLevel::ten_minutes) * kMicroseconds;
  const std::int64_t inner_start = ceil_to(start, narrowest);
  const std::int64_t inner_end = floor_to(end, narrowest);
  Pieces pieces;
  if (inner_start > inner_end) {
    if (start < end) pieces.ends.push_back({start, end});
    return pieces;
  }
  if (start < inner_start) pieces.ends.push_back({start, inner_start});
  if (inner_end < end) pieces.ends.push_back({inner_end, end});
  cover(SpanLevel::ten_minutes, inner_start / kMicroseconds, inner_end / kMicroseconds, widest, pieces.spans);
  return pieces;
}

bool has_spans(CountKind kind) { return kind != CountKind::entity && kind != CountKind::score; }

/// The thousandth in which the score lies, as SQLite says it too. It never falls as the score rises.
std::int64_t score_class(double score) { return static_cast<std::int64_t>(score * 1000.0); }
std::string score_name(double score) {
  const std::string digits = std::to_string(score_class(score));
  return std::string(4 - std::min<std::size_t>(digits.size(), 4), '0') + digits;
}

/// Calls function(kind, name) for all that the anomaly counts for at its time.
template <class Function>
void for_each_count(const CountedAnomaly& anomaly, Function function) {
  const char risk = static_cast<char>('0' + anomaly.risk);
  function(CountKind::risk, std::string_view(&risk, 1));
  function(CountKind::source, anomaly.source);
  for_each_technique(anomaly.techniques,
                     [&](std::string_view technique) { function(CountKind::technique, technique); });
  if (anomaly.acknowledged) function(CountKind::review, kAcknowledged);
  if (anomaly.label == 1) function(CountKind::review, kTruePositive);
  if (anomaly.label == 2) function(CountKind::review, kFalsePositive);
}

/// Calls function(anomaly) for each row of the query.
template <class Function>
Result<void> for_each_counted(Result<Query> query, Function function) {
  if (!query) return tl::unexpected(std::move(query.error()));
  while (true) {
    const auto row = query->step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return {};
    function(counted_of(*query));
  }
}

Result<Query> rows_at_end(Connection& connection, const End& end) {
  return connection.query(std::string("SELECT ") + kCountedColumns +
                              " FROM anomalies INDEXED BY anomalies_time WHERE time >= ?1 AND time < ?2",
                          end.start, end.end);
}

void widen(CountResult& result, const Query& row) {
  result.count += static_cast<std::size_t>(row.integer(0));
  if (row.is_null(1)) return;
  result.first_id = std::min(result.first_id, row.integer(1));
  result.last_id = std::max(result.last_id, row.integer(2));
}

}  // namespace

CountedAnomaly counted_of(const Query& row) {
  return {.id = row.integer(0),
          .time = row.integer(1),
          .source = row.text_view(2),
          .entity = row.text_view(3),
          .score = row.real(4),
          .is_anomaly = row.integer(5) != 0,
          .risk = row.integer(6),
          .techniques = row.text_view(7),
          .acknowledged = row.integer(8) != 0,
          .label = row.integer(9)};
}

void CountChanges::note(const CountedAnomaly& anomaly, std::int64_t sign) {
  blocks_[anomaly.id / kIdsInBlock] += sign;
  const auto count = [&](CountKind kind, std::int64_t start, std::string_view name) {
    const auto [at, is_new] = changes_.try_emplace({kind, start, std::string(name), anomaly.is_anomaly});
    Change& change = at->second;
    change.count += sign;
    change.takes |= sign < 0;
    change.first_id = is_new ? anomaly.id : std::min(change.first_id, anomaly.id);
    change.last_id = std::max(change.last_id, anomaly.id);
  };
  const std::int64_t start =
      floor_to(floor_to(anomaly.time, kMicroseconds) / kMicroseconds, span_of(SpanLevel::ten_minutes));
  for_each_count(anomaly, [&](CountKind kind, std::string_view name) { count(kind, start, name); });
  count(CountKind::entity, 0, anomaly.entity);
  count(CountKind::score, 0, score_name(anomaly.score));
}

Result<void> CountChanges::write(Connection& connection) const {
  for (const auto& [block, count] : blocks_) {
    if (count == 0) continue;
    auto done = connection.run(
        "INSERT INTO anomaly_blocks VALUES (?1, ?2) ON CONFLICT DO UPDATE SET count = count + excluded.count", block,
        count);
    if (done && count < 0) done = connection.run("DELETE FROM anomaly_blocks WHERE block = ?1 AND count <= 0", block);
    if (!done) return done;
  }
  Changes level = changes_;
  for (const std::int64_t span : kSpans) {
    Changes wider;
    for (const auto& [key, change] : level) {
      const auto& [kind, start, name, is_anomaly] = key;
      const auto [at, is_new] =
          wider.try_emplace({kind, span == 0 ? 0 : floor_to(start, span), name, is_anomaly}, change);
      if (is_new) continue;
      at->second.count += change.count;
      at->second.takes |= change.takes;
      at->second.first_id = std::min(at->second.first_id, change.first_id);
      at->second.last_id = std::max(at->second.last_id, change.last_id);
    }
    level = std::move(wider);
    for (const auto& [key, change] : level) {
      const auto& [kind, start, name, is_anomaly] = key;
      if (change.count == 0 || (span != 0 && !has_spans(kind))) continue;
      auto done = connection.run(
          "INSERT INTO anomaly_counts VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO UPDATE SET "
          "count = count + excluded.count, first_id = min(first_id, excluded.first_id), "
          "last_id = max(last_id, excluded.last_id)",
          span, static_cast<std::int64_t>(kind), start, name, is_anomaly, change.count, change.first_id,
          change.last_id);
      if (!done) return done;
      if (!change.takes) continue;
      done = connection.run(
          "DELETE FROM anomaly_counts WHERE span = ?1 AND kind = ?2 AND start = ?3 AND name = ?4 AND is_anomaly = ?5 "
          "AND count <= 0",
          span, static_cast<std::int64_t>(kind), start, name, is_anomaly);
      if (!done) return done;
    }
  }
  return {};
}

Result<CountResult> count_anomalies(Connection& connection, const CountQuery& query) {
  CountResult result;
  // What cannot be an id would match two of them.
  const bool no_id =
      query.kind == CountKind::technique && query.name && query.name->find(kTechniqueEnd) != std::string::npos;
  if (no_id) return result;
  const Pieces pieces = split(query.range, SpanLevel::all);
  std::string counters =
      "SELECT sum(count), min(first_id), max(last_id) FROM anomaly_counts "
      "WHERE span = ?1 AND kind = ?2 AND start >= ?3 AND start < ?4";
  if (query.name) counters += " AND name = ?5";
  if (query.is_anomaly) counters += " AND is_anomaly = ?6";
  const auto add_up = [&](Result<Query> running) -> Result<void> {
    if (!running) return tl::unexpected(std::move(running.error()));
    if (query.name) running->bind(5, *query.name);
    if (query.is_anomaly) running->bind(6, *query.is_anomaly);
    const auto row = running->step();
    if (!row) return tl::unexpected(row.error());
    widen(result, *running);
    return {};
  };
  for (const Piece& piece : pieces.spans) {
    auto added = add_up(connection.query(counters, span_of(piece.level), static_cast<std::int64_t>(query.kind),
                                         piece.start, piece.end));
    if (!added) return tl::unexpected(std::move(added.error()));
  }
  std::string rows =
      "SELECT count(*), min(id), max(id) FROM anomalies INDEXED BY anomalies_time WHERE time >= ?1 AND time < ?2";
  if (query.name && query.kind == CountKind::risk) rows += " AND risk = CAST(?5 AS INTEGER)";
  if (query.name && query.kind == CountKind::source) rows += " AND source = ?5";
  if (query.name && query.kind == CountKind::technique) {
    rows += " AND instr(techniques, ' ' || ?5 || ' ') > 0";
  }
  if (query.is_anomaly) rows += " AND is_anomaly = ?6";
  for (const End& end : pieces.ends) {
    auto added = add_up(connection.query(rows, end.start, end.end));
    if (!added) return tl::unexpected(std::move(added.error()));
  }
  return result;
}

Result<std::size_t> count_by_score(Connection& connection, double min_score, std::optional<bool> is_anomaly) {
  if (!(min_score > 0.0)) min_score = 0.0;
  if (min_score > 1.0) return std::size_t{0};
  std::string counters =
      "SELECT sum(count) FROM anomaly_counts WHERE span = 0 AND kind = 5 AND start = 0 AND name > ?1";
  std::string rows =
      "SELECT count(*) FROM anomalies INDEXED BY anomalies_score WHERE score >= ?1 AND score < ?2 "
      "AND CAST(score * 1000.0 AS INTEGER) = ?3";
  if (is_anomaly) {
    counters += *is_anomaly ? " AND is_anomaly = 1" : " AND is_anomaly = 0";
    rows += *is_anomaly ? " AND is_anomaly = 1" : " AND is_anomaly = 0";
  }
  const auto above = connection.integer(counters, score_name(min_score));
  if (!above) return tl::unexpected(above.error());
  // A little more than the thousandth, whose end rounding may have moved.
  const double beyond = static_cast<double>(score_class(min_score) + 1) / 1000.0 + 1e-9;
  const auto within = connection.integer(rows, min_score, beyond, score_class(min_score));
  if (!within) return tl::unexpected(within.error());
  return static_cast<std::size_t>(*above + *within);
}

Result<std::size_t> bound_by_score(Connection& connection, double min_score) {
  if (min_score > 1.0) return std::size_t{0};
  const auto counted = connection.integer(
      "SELECT sum(count) FROM anomaly_counts WHERE span = 0 AND kind = 5 AND start = 0 AND name >= ?1",
      score_name(std::max(min_score, 0.0)));
  if (!counted) return tl::unexpected(counted.error());
  return static_cast<std::size_t>(*counted);
}

Result<std::vector<NamedSum>> sum_names(Connection& connection, const TimeRange& range) {
  std::map<std::tuple<CountKind, std::string, bool>, std::int64_t> sums;
  const Pieces pieces = split(range, SpanLevel::all);
  for (const Piece& piece : pieces.spans) {
    for (const CountKind kind : {CountKind::risk, CountKind::source, CountKind::technique, CountKind::review}) {
      auto rows = connection.query(
          "SELECT name, is_anomaly, count FROM anomaly_counts WHERE span = ?1 AND kind = ?2 AND start >= ?3 "
          "AND start < ?4",
          span_of(piece.level), static_cast<std::int64_t>(kind), piece.start, piece.end);
      if (!rows) return tl::unexpected(std::move(rows.error()));
      while (true) {
        const auto row = rows->step();
        if (!row) return tl::unexpected(row.error());
        if (!*row) break;
        sums[{kind, rows->text(0), rows->integer(1) != 0}] += rows->integer(2);
      }
    }
  }
  for (const End& end : pieces.ends) {
    auto done = for_each_counted(rows_at_end(connection, end), [&](const CountedAnomaly& anomaly) {
      for_each_count(anomaly, [&](CountKind kind, std::string_view name) {
        ++sums[{kind, std::string(name), anomaly.is_anomaly}];
      });
    });
    if (!done) return tl::unexpected(std::move(done.error()));
  }
  std::vector<NamedSum> list;
  list.reserve(sums.size());
  for (const auto& [key, count] : sums) {
    list.push_back({std::get<0>(key), std::get<1>(key), std::get<2>(key), count});
  }
  return list;
}

Result<std::vector<SpanSum>> sum_spans(Connection& connection, const TimeRange& range, SpanLevel level,
                                       std::size_t limit) {
  const Pieces pieces = split(range, level);
  std::map<std::int64_t, std::array<std::int64_t, 4>> sums;
  const auto at = [&](std::int64_t second) -> std::array<std::int64_t, 4>& {
    return sums[floor_to(second, span_of(level))];
  };
  for (const End& end : pieces.ends) {
    auto done = for_each_counted(rows_at_end(connection, end), [&](const CountedAnomaly& anomaly) {
      if (!anomaly.is_anomaly) return;
      ++at(floor_to(anomaly.time, kMicroseconds) / kMicroseconds).at(static_cast<std::size_t>(anomaly.risk));
    });
    if (!done) return tl::unexpected(std::move(done.error()));
  }
  for (const Piece& piece : pieces.spans) {
    auto rows = connection.query(
        "SELECT start, CAST(name AS INTEGER), count FROM anomaly_counts WHERE span = ?1 AND kind = 0 AND start >= ?2 "
        "AND start < ?3 AND is_anomaly = 1 ORDER BY start DESC",
        span_of(piece.level), piece.start, piece.end);
    if (!rows) return tl::unexpected(std::move(rows.error()));
    std::size_t seen = 0;
    std::int64_t last = INT64_MIN;
    while (true) {
      const auto row = rows->step();
      if (!row) return tl::unexpected(row.error());
      if (!*row) break;
      const std::int64_t start = rows->integer(0);
      if (piece.level == level && start != last && ++seen > limit) break;
      last = start;
      at(start).at(static_cast<std::size_t>(rows->integer(1))) += rows->integer(2);
    }
  }
  std::vector<SpanSum> list;
  for (const auto& [start, by_risk] : sums) list.push_back({start, by_risk});
  if (list.size() > limit) list.erase(list.begin(), list.end() - static_cast<std::ptrdiff_t>(limit));
  return list;
}

Result<PagePlace> find_page(Connection& connection, std::size_t offset) {
  if (offset == 0) return PagePlace{.last_id = INT64_MAX, .to_skip = 0};
  auto blocks = connection.query("SELECT block, count FROM anomaly_blocks ORDER BY block DESC");
  if (!blocks) return tl::unexpected(std::move(blocks.error()));
  std::size_t to_skip = offset;
  while (true) {
    const auto row = blocks->step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return PagePlace{.last_id = 0, .to_skip = 0};
    const auto count = static_cast<std::size_t>(blocks->integer(1));
    if (to_skip < count) {
      return PagePlace{.last_id = blocks->integer(0) * kIdsInBlock + kIdsInBlock - 1, .to_skip = to_skip};
    }
    to_skip -= count;
  }
}

Result<void> count_again(Connection& connection) {
  constexpr std::size_t kAtOnce = 10'000;
  for (const char* const sql : {"DELETE FROM anomaly_counts", "DELETE FROM anomaly_blocks"}) {
    if (auto done = connection.execute(sql); !done) return done;
  }
  std::int64_t last_id = 0;
  while (true) {
    CountChanges changes;
    std::size_t count = 0;
    auto done = for_each_counted(connection.query(std::string("SELECT ") + kCountedColumns +
                                                      " FROM anomalies WHERE id > ?1 ORDER BY id LIMIT ?2",
                                                  last_id, kAtOnce),
                                 [&](const CountedAnomaly& anomaly) {
                                   changes.add(anomaly);
                                   last_id = anomaly.id;
                                   ++count;
                                 });
    if (!done) return done;
    if (auto written = changes.write(connection); !written) return written;
    if (count < kAtOnce) return {};
  }
}

}  // namespace topoforge::sqlite
