#include <benchmark/benchmark.h>

#include <cmath>
#include <cstddef>
#include <numbers>
#include <vector>

#include "topoforge/base/random.hpp"
#include "topoforge/core/pipeline/pipeline.hpp"

namespace topoforge {
namespace {

/// Noisy waves, one phase a channel.
Event wave(std::size_t t, std::size_t channels, Random& random) {
  Event event;
  for (std::size_t channel = 0; channel < channels; ++channel) {
    const double phase = 2.0 * std::numbers::pi * (static_cast<double>(t) / 25.0 + 0.1 * static_cast<double>(channel));
    event.values.push_back({"c" + std::to_string(channel), std::sin(phase) + 0.1 * random.normal()});
  }
  return event;
}

/// One event through a calibrated pipeline: arguments are channels, window, highest dimension of homology.
void event_to_verdict(benchmark::State& state) {
  const auto channels = static_cast<std::size_t>(state.range(0));
  Pipeline pipeline({.window = static_cast<std::size_t>(state.range(1)),
                     .max_dimension = static_cast<std::size_t>(state.range(2)),
                     .calibration_events = 500});
  Random random(1);
  std::size_t t = 0;
  for (; t < 500; ++t) benchmark::DoNotOptimize(pipeline.push(wave(t, channels, random)));
  std::vector<Event> events;
  for (std::size_t i = 0; i < 500; ++i) events.push_back(wave(t + i, channels, random));
  for (auto _ : state) benchmark::DoNotOptimize(pipeline.push(events[t++ % events.size()]));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(event_to_verdict)
    ->ArgNames({"channels", "window", "dimension"})
    ->ArgsProduct({{1, 8, 38}, {50, 100}, {1, 2}})
    ->Unit(benchmark::kMicrosecond);

/// The same while the pipeline learns as events come, in its steady state: a whole number of fits.
void event_to_verdict_learning(benchmark::State& state) {
  const auto channels = static_cast<std::size_t>(state.range(0));
  Pipeline pipeline({.window = 50});
  Random random(1);
  std::vector<Event> events;
  for (std::size_t t = 0; t < 8192; ++t) events.push_back(wave(t, channels, random));
  std::size_t t = 0;
  for (; t < 6400; ++t) benchmark::DoNotOptimize(pipeline.push(events[t]));
  for (auto _ : state) {
    for (std::size_t i = 0; i < 4096; ++i, ++t) benchmark::DoNotOptimize(pipeline.push(events[t % events.size()]));
  }
  state.SetItemsProcessed(state.iterations() * 4096);
}
BENCHMARK(event_to_verdict_learning)->ArgName("channels")->Arg(1)->Arg(8)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace topoforge
