#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "topoforge/adapters/mongo/bson.hpp"
#include "topoforge/base/result.hpp"
#include "topoforge/ports/anomaly_store.hpp"

/// Purpose: an anomaly as the document of its collection, and back. Nothing is kept that is zero, empty or follows from
/// the rest; the landscape, which no question is asked of, is not kept.
///
///   _id             the id
///   timestamp       its time, to the millisecond; `microseconds` beyond, where there are any
///   source_type     the event's source; `entity` where there is one
///   is_anomaly, anomaly_score, risk_level ("Low" to "Critical")
///   techniques      ATT&CK ids, each once
///   hour            whole hours since 1970 of its time, by which statistics group
///   stored_at       where it is not its time; `untimed` where it had no time of its own
///   origin          "manual" for one that a person logged, created_by
///   label, acknowledged_at, acknowledged_by, note, revision: the review
///   analysis {sequence, p_value, confidence, threshold, h0, h1, h2, entropy, lifetime,
///     window where it is not 50, detectors and their evidence (packed_contributions.hpp), or contributions [detector,
///                   share, p_value, ...] where they do not follow
///     attribution   [channel, share, value, expected, deviation, ...], the event's values in their order being numbers
///                   [number, share, expected, deviation, ...]
///     episode {start, alarms, closed, change, and what is not as in the analysis: peak, last_alarm, peak_score}
///     threats [{id, confidence, evidence, and what is not as in the built-in rules: technique, tactic_id, tactic,
///       mitigation}], risk_level, security_confidence, mitigation and explanation where they are not what follows}
///   event {values [channel, value, ...], attributes [name, text, ...], id, and what is not as in the analysis: source,
///     entity, timestamp or untimed}
/// Thread safety: pure.
namespace topoforge::mongo {

inline constexpr TimeFields kTime{.date = "timestamp", .microseconds = "microseconds"};
inline constexpr const char* kSource = "source_type";
inline constexpr const char* kEntity = "entity";
inline constexpr const char* kIsAnomaly = "is_anomaly";
inline constexpr const char* kScore = "anomaly_score";
inline constexpr const char* kRisk = "risk_level";
inline constexpr const char* kTechniques = "techniques";
inline constexpr const char* kHour = "hour";
inline constexpr TimeFields kAcknowledged{.date = "acknowledged_at", .microseconds = "acknowledged_microseconds"};
inline constexpr const char* kLabel = "label";
inline constexpr const char* kRevision = "revision";

/// Errors: invalid_argument, see AnomalyStore::add().
Result<Document> document_of(const std::string& id, const NewAnomaly& anomaly, Timestamp stored_at);
/// Errors: corrupt, naming the member that is wrong.
Result<StoredAnomaly> anomaly_of(const Document& document);

/// "Low" to "Critical".
std::optional<RiskLevel> risk_from_text(std::string_view text);

/// As another store had it, with its review.
Result<Document> document_of(const StoredAnomaly& anomaly);

/// Puts the review in the place of the one before.
Document review_update(const AnomalyReview& review);

}  // namespace topoforge::mongo
