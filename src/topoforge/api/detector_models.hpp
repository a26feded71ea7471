#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "topoforge/api/anomaly_models.hpp"
#include "topoforge/codec/model/detail.hpp"
#include "topoforge/codec/model/model.hpp"
#include "topoforge/engine/shard.hpp"
#include "topoforge/ports/detector.hpp"

/// Purpose: what /api/detectors takes and gives. Thread safety: values.
namespace topoforge::api {

inline constexpr std::size_t kMaxDetectorName = 128;
inline constexpr std::size_t kMaxDetectorSources = 100;
inline constexpr std::size_t kMaxPreviewRows = 5000;
inline constexpr double kMaxCalibrationEvents = 1e6;

struct NewDetector : DetectorSettings {
  std::string name;
  std::string description;

  [[nodiscard]] std::optional<Detail> inconsistency() const;
  static constexpr auto model() {
    return topoforge::model(
        "NewDetector", "How the streams of some sources are to be looked at",
        field(&DetectorSettings::sources,
              {.about = "Whose events it looks at", .min_length = 1, .max_length = kMaxDetectorSources}),
        field(&DetectorSettings::channels, {.about = "Looked at, of an event; none: those of a stream's first event",
                                            .max_length = kMaxChannels,
                                            .has_default = true}),
        field(&DetectorSettings::window,
              {.about = "Events in a window", .least = kMinWindow, .most = kMaxWindow, .has_default = true}),
        field(&DetectorSettings::stride, {.about = "Events from one analysis to the next",
                                          .least = 1,
                                          .most = kMaxCalibrationEvents,
                                          .has_default = true}),
        field(&DetectorSettings::max_dimension,
              {.about = "Highest degree of homology", .most = 2, .has_default = true}),
        field(&DetectorSettings::embedding_dimension,
              {.about = "Of one channel", .least = 1, .most = kMaxEmbeddingDimension, .has_default = true}),
        field(&DetectorSettings::embedding_lag,
              {.about = "Of one channel, in events; 0: chosen by the data", .most = kMaxWindow, .has_default = true}),
        field(&DetectorSettings::calibration_events,
              {.about = "The first events, which say what is normal; 0: the first window, refined as events come",
               .most = kMaxCalibrationEvents,
               .has_default = true}),
        field(&DetectorSettings::threshold, {.about = "The anomaly_score above which an event is an anomaly",
                                             .least = 0.001,
                                             .most = 0.999,
                                             .has_default = true}),
        field(&DetectorSettings::direction,
              {.about = "Which way the leading channel must have moved for an anomaly", .has_default = true}),
        field(&NewDetector::name,
              {.about = "Unique, whatever its case", .min_length = 1, .max_length = kMaxDetectorName}),
        field(&NewDetector::description, {.has_default = true}));
  }
};
BOOST_DESCRIBE_STRUCT(NewDetector, (DetectorSettings), (name, description))

struct DetectorView : DetectorSettings {
  std::string id;
  std::string name;
  std::string description;
  bool running = false;
  std::optional<Timestamp> started_at;
  std::string created_by;
  Timestamp created_at;
  Timestamp updated_at;
  static constexpr auto model() {
    return topoforge::model("Detector", "How the streams of some sources are looked at");
  }
};
BOOST_DESCRIBE_STRUCT(DetectorView, (DetectorSettings),
                      (id, name, description, running, started_at, created_by, created_at, updated_at))

struct DetectorCheck {
  bool valid = true;
  std::uint64_t events_until_verdict = 0;
  std::vector<std::string> hints;
  static constexpr auto model() {
    return topoforge::model(
        "DetectorCheck", "A definition that can be used",
        field(&DetectorCheck::events_until_verdict, {.about = "That a new stream needs before its first verdict"}),
        field(&DetectorCheck::hints, {.about = "What may not be as it was meant"}));
  }
};
BOOST_DESCRIBE_STRUCT(DetectorCheck, (), (valid, events_until_verdict, hints))

struct PreviewRequest {
  NewDetector detector;
  std::vector<boost::json::object> rows;
  static constexpr auto model() {
    return topoforge::model(
        "PreviewRequest", "A definition, and the events of one stream that it is tried on",
        field(&PreviewRequest::rows,
              {.about = "Events as they are ingested, oldest first", .min_length = 1, .max_length = kMaxPreviewRows}));
  }
};
BOOST_DESCRIBE_STRUCT(PreviewRequest, (), (detector, rows))

struct PreviewVerdict {
  std::uint64_t row = 0;
  double anomaly_score = 0.0;
  double p_value = 1.0;
  double confidence = 0.0;
  bool is_anomaly = false;
  RiskLevel risk_level = RiskLevel::low;
  BettiNumbers betti_numbers;
  std::string explanation;
  static constexpr auto model() {
    return topoforge::model("PreviewVerdict", "What is said of the window that ends with this row",
                            field(&PreviewVerdict::row, {.about = "Index of the row, from 0"}));
  }
};
BOOST_DESCRIBE_STRUCT(PreviewVerdict, (),
                      (row, anomaly_score, p_value, confidence, is_anomaly, risk_level, betti_numbers, explanation))

struct DetectorPreview {
  std::uint64_t rows = 0;
  std::uint64_t windows = 0;
  std::uint64_t anomalies = 0;
  std::uint64_t events_until_verdict = 0;
  bool cut_short = false;
  std::vector<PreviewVerdict> verdicts;
  static constexpr auto model() {
    return topoforge::model(
        "DetectorPreview", "What the detector would have said", field(&DetectorPreview::rows, {.about = "Looked at"}),
        field(&DetectorPreview::events_until_verdict, {.about = "Still wanted after the last row; 0 once calibrated"}),
        field(&DetectorPreview::cut_short, {.about = "The time was up before the last row"}));
  }
};
BOOST_DESCRIBE_STRUCT(DetectorPreview, (), (rows, windows, anomalies, events_until_verdict, cut_short, verdicts))

struct StreamProgress {
  std::string source;
  std::string entity;
  std::vector<std::string> channels;
  std::uint64_t events = 0;
  std::uint64_t windows = 0;
  std::uint64_t anomalies = 0;
  std::uint64_t buffered = 0;
  double warm_up_percent = 0.0;
  std::uint64_t events_until_verdict = 0;
  double confidence = 0.0;
  std::uint64_t memory_bytes = 0;
  static constexpr auto model() {
    return topoforge::model(
        "StreamProgress", "How a stream of a detector is",
        field(&StreamProgress::buffered, {.about = "Events in its window"}),
        field(&StreamProgress::warm_up_percent, {.about = "100 once there are verdicts"}),
        field(&StreamProgress::confidence, {.about = "How much calibration data stands behind the verdicts"}));
  }
};
BOOST_DESCRIBE_STRUCT(StreamProgress, (),
                      (source, entity, channels, events, windows, anomalies, buffered, warm_up_percent,
                       events_until_verdict, confidence, memory_bytes))

struct DetectorProfile {
  std::string id;
  std::string name;
  bool running = false;
  std::uint64_t events = 0;
  std::uint64_t windows = 0;
  std::uint64_t anomalies = 0;
  std::uint64_t memory_bytes = 0;
  std::vector<StreamProgress> streams;
  static constexpr auto model() {
    return topoforge::model("DetectorProfile", "What a detector does; counts are those since its streams began");
  }
};
BOOST_DESCRIBE_STRUCT(DetectorProfile, (), (id, name, running, events, windows, anomalies, memory_bytes, streams))

/// For settings that are consistent.
PipelineOptions pipeline_options_of(const DetectorSettings& settings);
DetectorView view_of(const Detector& detector);
DetectorProfile profile_of(const Detector& detector, const std::vector<StreamProfile>& streams);

}  // namespace topoforge::api
