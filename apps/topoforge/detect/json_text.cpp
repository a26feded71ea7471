#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "topoforge/codec/json/json_text.hpp"
#include "topoforge/detect/result_writers.hpp"

namespace topoforge {
namespace {

using boost::json::array;
using boost::json::object;

object place_json(const RowPlace& place) { return {{"row", place.row}, {"timestamp", place.timestamp}}; }

object episode_json(const EpisodeRecord& episode) {
  array channels;
  for (const Attribution& channel : episode.channels) {
    channels.push_back(object{{"channel", channel.channel},
                              {"share", channel.share},
                              {"value", channel.value},
                              {"expected", channel.expected},
                              {"deviation", channel.deviation}});
  }
  array threats;
  for (const ThreatCandidate& threat : episode.threats) {
    threats.push_back(object{{"technique_id", threat.technique_id},
                             {"technique", threat.technique},
                             {"tactic_id", threat.tactic_id},
                             {"tactic", threat.tactic},
                             {"confidence", threat.confidence},
                             {"evidence", threat.evidence},
                             {"mitigation", threat.mitigation}});
  }
  return {{"source", episode.stream.source},    {"entity", episode.stream.entity},
          {"start", place_json(episode.start)}, {"peak", place_json(episode.peak)},
          {"end", place_json(episode.end)},     {"open", episode.open},
          {"alarms", episode.alarms},           {"anomaly_score", episode.score},
          {"p_value", episode.p_value},         {"risk_level", to_string(episode.risk_level)},
          {"channels", std::move(channels)},    {"threats", std::move(threats)},
          {"explanation", episode.explanation}};
}

object input_json(const RunSummary& summary) {
  const InputSummary& input = summary.input;
  array channels;
  for (const std::string& channel : input.channels) channels.push_back(boost::json::string(channel));
  array notes;
  for (const std::string& note : input_notes(summary)) notes.push_back(boost::json::string(note));
  return {{"file", summary.name},
          {"rows", input.rows},
          {"channels", std::move(channels)},
          {"timestamp_column", input.timestamp_column},
          {"first_timestamp", summary.first.timestamp},
          {"last_timestamp", summary.last.timestamp},
          {"streams", summary.streams},
          {"missing_values", input.missing_values.count},
          {"invalid_values", input.invalid_values.count},
          {"missing_timestamps", input.missing_timestamps.count},
          {"out_of_order", input.out_of_order.count},
          {"repeated_timestamps", input.repeated_timestamps.count},
          {"blank_lines", input.blank_lines.count},
          {"carried_forward", summary.imputed_values},
          {"repeated_ids", summary.repeated_ids},
          {"notes", std::move(notes)}};
}

}  // namespace

std::string json_text(const RunSummary& summary) {
  const PipelineOptions& options = summary.pipeline;
  array episodes;
  for (const EpisodeRecord& episode : summary.episodes.listed()) episodes.push_back(episode_json(episode));
  const object document = {{"input", input_json(summary)},
                           {"options", object{{"window", options.window},
                                              {"stride", options.stride},
                                              {"train_rows", options.calibration_events},
                                              {"max_dimension", options.max_dimension},
                                              {"threshold", options.threshold},
                                              {"seed", options.seed}}},
                           {"summary", object{{"analyses", summary.analyses},
                                              {"anomalies", summary.anomalies},
                                              {"anomalous_rows", summary.anomalous_rows},
                                              {"highest_score", summary.highest_score},
                                              {"highest", place_json(summary.highest)},
                                              {"episodes", summary.episodes.total()},
                                              {"episodes_left_out", summary.episodes.left_out()}}},
                           {"episodes", std::move(episodes)}};
  return print_json(document) + "\n";
}

}  // namespace topoforge
