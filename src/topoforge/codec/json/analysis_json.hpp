#pragma once

#include <string>

#include <boost/json/value.hpp>

#include "topoforge/base/result.hpp"
#include "topoforge/core/event/event.hpp"
#include "topoforge/core/pipeline/analysis.hpp"

/// Purpose: an analysis to and from JSON, in the shape that front ends of the documented API read.
///
///   betti_numbers {h0, h1, h2}, anomaly_score (0 to 1), is_anomaly, window_size,
///   timestamp (ISO 8601; null when the event had none),
///   scores {total, betti, entropy, ml}, each 0 to 100, for bars on a screen:
///     total    100 * anomaly_score
///     betti    evidence of the topology detector, which looks at Betti numbers and
///     entropy  entropy together: both show the same figure
///     ml       the greater evidence of the isolation forest and the autoencoder
///     where the evidence of a detector is its decimal order of rarity, -log10 of its p-value, against
///     kFullEvidenceDecades: one in ten 17, one in a thousand 50, one in a million or rarer 100; 0 without the detector
///   topology_features {entropy, total_lifetime, landscape {x[], y[]}},
///   security_analysis {risk_level, confidence, mitigation,
///     threats [{technique_id, technique, tactic_id, tactic, confidence, evidence, mitigation}]},
///   and beyond the documented ones: sequence, source, entity, p_value, confidence, threshold, risk_level,
///   contributions [{detector, share, p_value}], attribution [{channel, share, value, expected, deviation}],
///   episode {start, peak, last_alarm, peak_score, alarms, open, change} or null, explanation,
///   and detector where it is not the one for all streams.
///
/// A number that is not finite is null. Thread safety: pure.
namespace topoforge {

inline constexpr double kFullEvidenceDecades = 6.0;

boost::json::value analysis_to_json(const Analysis& analysis);

/// Reads what analysis_to_json() wrote. Errors: corrupt, naming what is missing or of the wrong kind.
Result<Analysis> analysis_from_json(const boost::json::value& json);

/// `{"status":"buffering","count":n}`: what stands for an analysis while the stream's window fills.
boost::json::value buffering_to_json(std::size_t count);

/// The live message `{"type":"analysis","data":data,"original_event":event}` as one line.
std::string live_message(boost::json::value data, const Event& event);

}  // namespace topoforge
