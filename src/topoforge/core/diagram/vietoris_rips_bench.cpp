#include "topoforge/core/diagram/vietoris_rips.hpp"

#include <cstddef>

#include <benchmark/benchmark.h>

#include "bench/window_inputs.hpp"

namespace topoforge {
namespace {

using MakeWindow = PointCloud (*)(std::size_t points, std::uint64_t seed);

/// Time of one window from its points to its diagram, with an engine that is kept as a stream keeps it.
void compute_diagram(benchmark::State& state, MakeWindow make_window) {
  const PointCloud cloud = make_window(static_cast<std::size_t>(state.range(0)), 1);
  const VietorisRipsOptions options{.max_dimension = static_cast<std::size_t>(state.range(1))};
  VietorisRips engine;
  for (auto _ : state) {
    auto diagram = engine.compute(cloud, options);
    benchmark::DoNotOptimize(diagram);
  }
}

void arguments(benchmark::internal::Benchmark* bench) {
  bench->ArgNames({"points", "degree"})->ArgsProduct({{50, 100, 200}, {1, 2}})->Unit(benchmark::kMicrosecond);
}

BENCHMARK_CAPTURE(compute_diagram, noisy_periodic, bench::noisy_periodic_window)->Apply(arguments);
BENCHMARK_CAPTURE(compute_diagram, uniform_8d, bench::uniform_window)->Apply(arguments);

}  // namespace
}  // namespace topoforge
