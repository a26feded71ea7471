#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe.hpp>

#include "topoforge/core/pipeline/pipeline.hpp"
#include "topoforge/ports/records.hpp"

/// Purpose: named ways to look at the streams of some sources, in the place of the server's. Thread safety: values.
namespace topoforge {

BOOST_DESCRIBE_ENUM(Direction, both, above, below)

/// See PipelineOptions.
struct DetectorSettings {
  std::vector<std::string> sources;
  std::vector<std::string> channels;
  std::uint64_t window = 50;
  std::uint64_t stride = 1;
  std::uint64_t max_dimension = 2;
  std::uint64_t embedding_dimension = kDefaultEmbeddingDimension;
  std::uint64_t embedding_lag = 0;
  std::uint64_t calibration_events = 0;
  double threshold = 0.5;
  Direction direction = Direction::both;
};
BOOST_DESCRIBE_STRUCT(DetectorSettings, (),
                      (sources, channels, window, stride, max_dimension, embedding_dimension, embedding_lag,
                       calibration_events, threshold, direction))

struct Detector : RecordHead {
  std::string name;
  std::string name_key;  ///< in lower case, so that no two differ by case alone
  std::string description;
  DetectorSettings settings;
  std::optional<Timestamp> started_at;  ///< nothing: it does not run
  std::string created_by;               ///< username
  Timestamp created_at;
  Timestamp updated_at;
};
BOOST_DESCRIBE_STRUCT(Detector, (RecordHead),
                      (name, name_key, description, settings, started_at, created_by, created_at, updated_at))

template <>
struct RecordTraits<Detector> {
  static constexpr std::string_view kCollection = "detectors";
  static constexpr std::array<std::string_view, 1> kUniqueFields{"name_key"};
  static constexpr std::array<std::string_view, 0> kIndexedFields{};
};

}  // namespace topoforge
