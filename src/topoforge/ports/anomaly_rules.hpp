#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "topoforge/codec/text/quote.hpp"
#include "topoforge/codec/text/timestamp.hpp"
#include "topoforge/ports/anomaly_store.hpp"

/// Purpose: what every store of anomalies refuses and how it reckons, so that they do it alike. Errors:
/// invalid_argument. Thread safety: pure.
namespace topoforge {

inline Result<void> check_range(const std::optional<Timestamp>& start, const std::optional<Timestamp>& end) {
  if (!start || !end || *start <= *end) return {};
  return fail(ErrorCode::invalid_argument,
              "the range ends at " + format_timestamp(*end) + ", before its start " + format_timestamp(*start));
}

inline Result<void> check_limit(std::size_t limit) {
  if (limit >= 1 && limit <= kMaxAnomalyLimit) return {};
  return fail(ErrorCode::invalid_argument,
              "limit " + std::to_string(limit) + " is outside 1 to " + std::to_string(kMaxAnomalyLimit));
}

/// All of a query but what its cursor says.
inline Result<void> check_query(const AnomalyQuery& query) {
  if (query.page < 1 || query.page > kMaxAnomalyPage) {
    return fail(ErrorCode::invalid_argument,
                "page " + std::to_string(query.page) + " is outside 1 to " + std::to_string(kMaxAnomalyPage));
  }
  if (auto valid = check_limit(query.limit); !valid) return valid;
  if (auto valid = check_range(query.filter.start, query.filter.end); !valid) return valid;
  if (query.cursor.empty() || query.page == 1) return {};
  return fail(ErrorCode::invalid_argument,
              "page " + std::to_string(query.page) + " beside a cursor: wanted one of them");
}

/// All of a walk but its ids.
inline Result<void> check_walk(const AnomalyWalk& part) {
  if (auto valid = check_limit(part.limit); !valid) return valid;
  return check_range(part.filter.start, part.filter.end);
}

inline tl::unexpected<Error> no_such_cursor() {
  return fail(ErrorCode::invalid_argument, "the cursor is not one that a list gave as next_cursor");
}

inline tl::unexpected<Error> no_anomaly_id(const std::string& id) {
  return fail(ErrorCode::invalid_argument, quote_text(id) + " is no id of an anomaly");
}

inline tl::unexpected<Error> no_such_anomaly() { return fail(ErrorCode::not_found, "Anomaly not found"); }

inline Result<void> check_note(const NewReview& review) {
  if (review.note.size() <= kMaxAnomalyNoteBytes) return {};
  return fail(ErrorCode::invalid_argument, "the note has " + std::to_string(review.note.size()) + " bytes, at most " +
                                               std::to_string(kMaxAnomalyNoteBytes) + " are kept");
}

/// For a review that was to change the revision `seen`.
inline tl::unexpected<Error> reviewed_meanwhile(std::uint64_t seen, std::uint64_t revision) {
  return fail(ErrorCode::conflict, "the anomaly was reviewed meanwhile: revision " + std::to_string(seen) +
                                       " was seen, it is at " + std::to_string(revision));
}

/// "T1071.001": letters, digits, full stop and hyphen.
inline bool is_technique_id(std::string_view id) {
  return !id.empty() && id.size() <= kMaxTechniqueIdBytes && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.' || c == '-';
  });
}

/// The ids of the threats, sorted, each once.
inline Result<std::vector<std::string_view>> techniques_of(const Analysis& analysis) {
  std::vector<std::string_view> ids;
  for (const ThreatCandidate& threat : analysis.security.threats) {
    if (!is_technique_id(threat.technique_id)) {
      return fail(ErrorCode::invalid_argument,
                  "technique " + quote_text(threat.technique_id) + " is no ATT&CK id such as T1071.001");
    }
    ids.emplace_back(threat.technique_id);
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  if (ids.size() > kMaxAnomalyTechniques) {
    return fail(ErrorCode::invalid_argument, "an anomaly names " + std::to_string(ids.size()) +
                                                 " techniques, at most " + std::to_string(kMaxAnomalyTechniques) +
                                                 " are kept");
  }
  return ids;
}

inline Result<void> check_score(const Analysis& analysis) {
  if (const double score = analysis.anomaly_score; score >= 0.0 && score <= 1.0) return {};
  return fail(ErrorCode::invalid_argument,
              "the anomaly score " + std::to_string(analysis.anomaly_score) + " is outside 0 to 1");
}

/// Ranges up to this are told by the hour where the query does not say.
inline constexpr std::chrono::hours kMostInHours{7 * 24};

inline StatisticsBucket bucket_of(const StatisticsQuery& query) {
  if (query.bucket) return *query.bucket;
  const bool short_range = query.start && query.end && *query.end - *query.start <= kMostInHours;
  return short_range ? StatisticsBucket::hour : StatisticsBucket::day;
}

/// Sorts, and cuts to kMaxStatisticsNames. Returns the sum of what was cut.
inline std::size_t keep_greatest(std::vector<NamedCount>& counts) {
  std::sort(counts.begin(), counts.end(), [](const NamedCount& a, const NamedCount& b) {
    return a.count != b.count ? a.count > b.count : a.name < b.name;
  });
  std::size_t rest = 0;
  while (counts.size() > kMaxStatisticsNames) {
    rest += counts.back().count;
    counts.pop_back();
  }
  return rest;
}

}  // namespace topoforge
