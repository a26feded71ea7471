#include "topoforge/api/detector_models.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace topoforge::api {

std::optional<Detail> NewDetector::inconsistency() const {
  const auto wrong = [](const char* member, std::string message) {
    return Detail{.loc = {member}, .message = std::move(message), .type = "value_error"};
  };
  if (calibration_events != 0 && calibration_events < window) {
    return wrong("calibration_events",
                 fmt::format("wanted 0, or at least one window ({}), got {}", window, calibration_events));
  }
  if (embedding_lag >= window)
    return wrong("embedding_lag", fmt::format("wanted less than the window ({}), got {}", window, embedding_lag));
  for (const std::string& source : sources) {
    if (source.empty() || source.size() > kMaxNameBytes)
      return wrong("sources", fmt::format("wanted names of 1 to {} bytes", kMaxNameBytes));
  }
  const auto valid = validate(pipeline_options_of(*this));
  if (!valid) return wrong("channels", valid.error().message);
  return std::nullopt;
}

PipelineOptions pipeline_options_of(const DetectorSettings& settings) {
  PipelineOptions options;
  options.window = settings.window;
  options.stride = settings.stride;
  options.max_dimension = settings.max_dimension;
  options.calibration_events = settings.calibration_events;
  options.threshold = settings.threshold;
  options.channels = settings.channels;
  options.direction = settings.direction;
  options.embedding_dimension = settings.embedding_dimension;
  options.embedding_lag = settings.embedding_lag;
  return options;
}

DetectorView view_of(const Detector& detector) {
  DetectorView view;
  static_cast<DetectorSettings&>(view) = detector.settings;
  view.id = detector.id;
  view.name = detector.name;
  view.description = detector.description;
  view.running = detector.started_at.has_value();
  view.started_at = detector.started_at;
  view.created_by = detector.created_by;
  view.created_at = detector.created_at;
  view.updated_at = detector.updated_at;
  return view;
}

DetectorProfile profile_of(const Detector& detector, const std::vector<StreamProfile>& streams) {
  const std::uint64_t needed = std::max(detector.settings.window, detector.settings.calibration_events);
  DetectorProfile profile;
  profile.id = detector.id;
  profile.name = detector.name;
  profile.running = detector.started_at.has_value();
  for (const StreamProfile& stream : streams) {
    profile.events += stream.events;
    profile.windows += stream.windows;
    profile.anomalies += stream.anomalies;
    profile.memory_bytes += stream.memory_bytes;
    const auto come = static_cast<double>(needed - stream.events_until_verdict);
    profile.streams.push_back({.source = stream.stream.source,
                               .entity = stream.stream.entity,
                               .channels = stream.channels,
                               .events = stream.events,
                               .windows = stream.windows,
                               .anomalies = stream.anomalies,
                               .buffered = stream.buffered,
                               .warm_up_percent = 100.0 * come / static_cast<double>(needed),
                               .events_until_verdict = stream.events_until_verdict,
                               .confidence = stream.confidence,
                               .memory_bytes = stream.memory_bytes});
  }
  return profile;
}

}  // namespace topoforge::api
