// A program outside the project: the shape of a circle, and a stream whose shape changes.
#include <cmath>
#include <cstdio>
#include <numbers>
#include <topoforge/topoforge.hpp>

namespace {

using topoforge::Result;

/// One loop that lives long: the circle's own.
bool circle_has_one_loop() {
  topoforge::PointCloud circle{.dimension = 2, .coordinates = {}};
  for (int i = 0; i < 24; ++i) {
    const double angle = 2 * std::numbers::pi * i / 24;
    circle.coordinates.push_back(std::cos(angle));
    circle.coordinates.push_back(std::sin(angle));
  }
  const auto diagram = topoforge::TopologyAnalyzer(1).compute_persistence(circle);
  return diagram.has_value() && diagram->pairs.at(1).size() == 1 && diagram->pairs[1][0].lifetime() > 1.0;
}

/// Two channels, each in its normal range throughout, that move together until event 400 and then run round a loop.
bool changed_shape_is_an_anomaly() {
  topoforge::Pipeline pipeline({.window = 50, .calibration_events = 300});
  bool early = false;
  bool late = false;
  for (int i = 0; i < 480; ++i) {
    const double phase = 0.37 * i;
    const double noise = 0.05 * std::sin(12.9898 * i * i);
    const topoforge::Event event{
        .stream = {.source = "consumer", .entity = ""},
        .timestamp = {},
        .values = {{"in", std::sin(phase)}, {"out", (i < 400 ? std::sin(phase) : std::cos(phase)) + noise}},
        .attributes = {},
        .id = ""};
    const Result<topoforge::PushOutcome> outcome = pipeline.push(event);
    if (!outcome) {
      std::printf("event %d: %s\n", i, outcome.error().message.c_str());
      return false;
    }
    if (outcome->analysis && outcome->analysis->is_anomaly) (i < 400 ? early : late) = true;
  }
  return late && !early;
}

}  // namespace

int main() {
  const bool circle = circle_has_one_loop();
  const bool stream = changed_shape_is_an_anomaly();
  std::printf("circle has one loop: %s; changed shape is an anomaly: %s\n", circle ? "yes" : "no",
              stream ? "yes" : "no");
  return circle && stream ? 0 : 1;
}
