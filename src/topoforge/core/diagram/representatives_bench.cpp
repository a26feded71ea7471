#include <benchmark/benchmark.h>

#include "bench/window_inputs.hpp"
#include "topoforge/core/cloud/distance_matrix.hpp"
#include "topoforge/core/diagram/vietoris_rips.hpp"

/// What it costs to know the points of the three longest loops, beside the diagram alone: points are the argument.
namespace topoforge {
namespace {

template <PointCloud (*kWindow)(std::size_t, std::uint64_t)>
void diagram(benchmark::State& state) {
  const DistanceMatrix distances = pairwise_distances(kWindow(static_cast<std::size_t>(state.range(0)), 1));
  VietorisRips rips;
  for (auto _ : state) benchmark::DoNotOptimize(rips.compute(distances, {.max_dimension = 1}));
}

template <PointCloud (*kWindow)(std::size_t, std::uint64_t)>
void diagram_and_loops(benchmark::State& state) {
  const DistanceMatrix distances = pairwise_distances(kWindow(static_cast<std::size_t>(state.range(0)), 1));
  VietorisRips rips;
  for (auto _ : state) benchmark::DoNotOptimize(rips.represent(distances, {.max_dimension = 1}, 3));
}

BENCHMARK(diagram<bench::noisy_periodic_window>)->Arg(50)->Arg(200)->Unit(benchmark::kMicrosecond);
BENCHMARK(diagram_and_loops<bench::noisy_periodic_window>)->Arg(50)->Arg(200)->Unit(benchmark::kMicrosecond);
BENCHMARK(diagram<bench::uniform_window>)->Arg(50)->Arg(200)->Unit(benchmark::kMicrosecond);
BENCHMARK(diagram_and_loops<bench::uniform_window>)->Arg(50)->Arg(200)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace topoforge
