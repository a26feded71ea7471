#include "topoforge/example_data.hpp"

#include <chrono>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <string>
#include <utility>

#include "topoforge/base/random.hpp"
#include "topoforge/core/pipeline/pipeline.hpp"

namespace topoforge {
namespace {

constexpr std::size_t kEvents = 2000;
constexpr std::size_t kCalibrationEvents = 1000;
constexpr std::size_t kIncidentEvents = 60;
/// Events in a flood come so many times as fast.
constexpr int kFlood = 20;

/// What a stream shows at its i-th event; in an incident it is something else.
using Values = std::vector<Measurement> (*)(double i, bool incident, Random& random);

/// Requests and latency by the time of day; in an incident there are far too many requests.
std::vector<Measurement> web(double i, bool incident, Random& random) {
  const double day = std::sin(2 * std::numbers::pi * i / 286);
  const double requests = 120 + 40 * day + 4 * random.normal() + (incident ? 400 + 60 * random.normal() : 0.0);
  const double latency = 35 + 8 * day + 1.5 * random.normal() + (incident ? 150 + 40 * random.normal() : 0.0);
  return {{"requests_per_s", requests}, {"latency_ms", latency}};
}

/// Two pumps in step; in an incident one lags behind the other, and no value leaves its range.
std::vector<Measurement> pumps(double i, bool incident, Random& random) {
  const double phase = 2 * std::numbers::pi * i / 20;
  const double lag = incident ? std::numbers::pi / 2 : 0.0;
  return {{"pump_a", 50 + 10 * std::sin(phase) + 0.8 * random.normal()},
          {"pump_b", 50 + 10 * std::sin(phase - lag) + 0.8 * random.normal()}};
}

/// What a machine sends and receives at random; in an incident it talks to six others in turn, each by the same beat.
std::vector<Measurement> hosts(double i, bool incident, Random& random) {
  if (!incident) return {{"sent_kb", 40 + 12 * random.normal()}, {"received_kb", 40 + 12 * random.normal()}};
  const double turn = std::floor(i / 8);
  const double peer = turn - 6 * std::floor(turn / 6);
  const double angle = 2 * std::numbers::pi * i / 8;
  const double column = peer < 3 ? peer : peer - 3;
  return {{"sent_kb", 20 + 20 * column + 6 * std::cos(angle) + 0.2 * random.normal()},
          {"received_kb", (peer < 3 ? 25 : 55) + 6 * std::sin(angle) + 0.2 * random.normal()}};
}

struct ExampleStream {
  StreamKey key;
  Values values;
  int speed_of_incidents;
  std::vector<std::size_t> incidents;  ///< their first events
};

std::vector<ExampleStream> streams() {
  return {{.key = {std::string(kExampleSources[0]), "gateway-1"},
           .values = web,
           .speed_of_incidents = kFlood,
           .incidents = {1200, 1560, 1830}},
          {.key = {std::string(kExampleSources[1]), "line-2"},
           .values = pumps,
           .speed_of_incidents = 1,
           .incidents = {1110, 1720}},
          {.key = {std::string(kExampleSources[2]), "db-3"},
           .values = hosts,
           .speed_of_incidents = 1,
           .incidents = {1340, 1640, 1900}}};
}

bool in_incident(const ExampleStream& stream, std::size_t event) {
  for (const std::size_t first : stream.incidents) {
    if (event >= first && event < first + kIncidentEvents) return true;
  }
  return false;
}

/// Of each event; the last one is at `now`, the first one kExampleDays before it.
std::vector<Timestamp> times_of(const ExampleStream& stream, Timestamp now) {
  std::vector<std::int64_t> places;  // in parts of the time between two events
  std::int64_t place = 0;
  for (std::size_t i = 0; i < kEvents; ++i) {
    if (i > 0) place += kFlood / (in_incident(stream, i) ? stream.speed_of_incidents : 1);
    places.push_back(place);
  }
  const Timestamp::duration part = Timestamp::duration(std::chrono::days(kExampleDays)) / place;
  std::vector<Timestamp> times;
  times.reserve(kEvents);
  for (const std::int64_t at : places) times.push_back(now - part * (place - at));
  return times;
}

}  // namespace

Result<std::vector<NewAnomaly>> example_anomalies(Timestamp now, std::uint64_t seed) {
  std::vector<NewAnomaly> anomalies;
  Random random(seed);
  for (const ExampleStream& stream : streams()) {
    const std::vector<Timestamp> times = times_of(stream, now);
    Pipeline pipeline({.calibration_events = kCalibrationEvents});
    for (std::size_t i = 0; i < kEvents; ++i) {
      Event event{.stream = stream.key,
                  .timestamp = times[i],
                  .values = stream.values(static_cast<double>(i), in_incident(stream, i), random),
                  .attributes = {},
                  .id = {}};
      auto outcome = pipeline.push(event);
      if (!outcome) return tl::unexpected(std::move(outcome.error()));
      if (!outcome->analysis || !outcome->analysis->is_anomaly) continue;
      anomalies.push_back({.analysis = std::move(*outcome->analysis), .event = std::move(event)});
    }
  }
  return anomalies;
}

}  // namespace topoforge
