#pragma once

#include <chrono>
#include <cmath>
#include <string>
#include <vector>

#include "topoforge/base/random.hpp"
#include "topoforge/ports/anomaly_store.hpp"

/// Purpose: anomalies for benchmarks of stores. Thread safety: pure.
namespace topoforge {

inline constexpr Timestamp kExampleStart{std::chrono::microseconds{1'767'225'600'000'000}};  // 2026-01-01
inline constexpr std::chrono::hours kExampleSpan{90 * 24};

/// One as the engine makes it, of the same size: a landscape of 50 points, four detectors, two channels, one technique.
inline NewAnomaly example_anomaly(Random& random, Timestamp time) {
  NewAnomaly anomaly;
  Analysis& analysis = anomaly.analysis;
  analysis.sequence = random.next() >> 12U;
  analysis.stream = {"source-" + std::to_string(random.below(20)), "host-" + std::to_string(random.below(200))};
  analysis.timestamp = time;
  analysis.window_size = 50;
  analysis.anomaly_score = 0.5 + 0.5 * random.uniform();
  analysis.p_value = std::pow(10.0, -6.0 * random.uniform());
  analysis.confidence = random.uniform();
  analysis.is_anomaly = true;
  analysis.risk_level = risk_level(analysis.anomaly_score);
  analysis.betti_numbers = {.h0 = 3, .h1 = 1, .h2 = 0};
  analysis.topology.entropy = random.uniform();
  analysis.topology.total_lifetime = random.uniform();
  for (int i = 0; i < 50; ++i) {
    analysis.topology.landscape_x.push_back(random.uniform());
    analysis.topology.landscape_y.push_back(random.uniform());
  }
  for (const char* const detector : {"topology", "isolation_forest", "autoencoder", "autoregression"}) {
    analysis.contributions.push_back({detector, random.uniform(), random.uniform()});
  }
  for (const char* const channel : {"cpu", "network"}) {
    analysis.attribution.push_back({channel, random.uniform(), random.normal(), random.normal(), random.normal()});
  }
  constexpr const char* kTechniques[] = {"T1071", "T1048", "T1499"};
  analysis.security = {.risk_level = analysis.risk_level,
                       .confidence = 0.7,
                       .threats = {{kTechniques[random.below(3)], "Application Layer Protocol", "TA0011",
                                    "Command and Control", 0.7, "8 loops (H1) in the window; the rule asks for 5",
                                    "Inspect the traffic of the host for regular beacons to one address."}},
                       .mitigation = "Inspect the traffic of the host for regular beacons to one address."};
  analysis.explanation = std::string(300, 'e');
  anomaly.event = Event{.stream = analysis.stream,
                        .timestamp = time,
                        .values = {{"cpu", random.normal()}, {"network", random.normal()}},
                        .attributes = {},
                        .id = {}};
  return anomaly;
}

/// `count` of them, evenly over kExampleSpan. Errors: those of the store.
inline Result<void> add_examples(AnomalyStore& store, std::size_t count) {
  constexpr std::size_t kBatch = 1000;
  Random random(1);
  const std::chrono::microseconds step = std::chrono::microseconds(kExampleSpan) / count;
  std::vector<NewAnomaly> batch;
  for (std::size_t i = 0; i < count; ++i) {
    batch.push_back(example_anomaly(random, kExampleStart + i * step));
    if (batch.size() < kBatch && i + 1 < count) continue;
    if (auto added = store.add(batch, kExampleStart); !added) return tl::unexpected(std::move(added.error()));
    batch.clear();
  }
  return {};
}

}  // namespace topoforge
