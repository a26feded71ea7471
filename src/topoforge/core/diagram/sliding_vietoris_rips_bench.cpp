#include <benchmark/benchmark.h>

#include "bench/window_inputs.hpp"
#include "topoforge/core/diagram/sliding_vietoris_rips.hpp"
#include "topoforge/core/diagram/vietoris_rips.hpp"

/// A window that slides by one point, against the same windows from scratch. Arguments: points, highest degree, and the
/// longest edge in tenths, 0 for all edges.
namespace topoforge {
namespace {

constexpr std::size_t kPoints = 4000;

VietorisRipsOptions rips_options(const benchmark::State& state) {
  VietorisRipsOptions options{.max_dimension = static_cast<std::size_t>(state.range(1))};
  if (state.range(2) > 0) options.max_edge_length = static_cast<double>(state.range(2)) / 10.0;
  return options;
}

template <PointCloud (*kStream)(std::size_t, std::uint64_t)>
void slide(benchmark::State& state) {
  const PointCloud stream = kStream(kPoints, 1);
  const auto window = static_cast<std::size_t>(state.range(0));
  SlidingVietorisRipsOptions options{window, Metric::euclidean, {}};
  options.rips = rips_options(state);
  SlidingVietorisRips rips = *SlidingVietorisRips::make(options);
  std::size_t at = 0;
  for (; at < 2 * window; ++at) {
    (void)rips.push(stream.point(at));
    benchmark::DoNotOptimize(rips.diagram());
  }
  for (auto _ : state) {
    (void)rips.push(stream.point(at++ % kPoints));
    benchmark::DoNotOptimize(rips.diagram());
  }
}

template <PointCloud (*kStream)(std::size_t, std::uint64_t)>
void from_scratch(benchmark::State& state) {
  const PointCloud stream = kStream(kPoints, 1);
  const auto window = static_cast<std::size_t>(state.range(0));
  VietorisRips rips;
  std::size_t at = 0;
  for (auto _ : state) {
    const auto* const begin = stream.coordinates.data() + at++ % (kPoints - window) * stream.dimension;
    benchmark::DoNotOptimize(
        rips.compute(PointCloud{stream.dimension, {begin, begin + window * stream.dimension}}, rips_options(state)));
  }
}

void sizes(benchmark::internal::Benchmark* benchmark) {
  for (const int degree : {1, 2}) {
    for (const int points : {50, 100, 200}) benchmark->Args({points, degree, 0});
    for (const int tenths : {2, 10}) benchmark->Args({200, degree, tenths});
  }
}

BENCHMARK(slide<bench::noisy_periodic_window>)->Apply(sizes)->Unit(benchmark::kMicrosecond);
BENCHMARK(from_scratch<bench::noisy_periodic_window>)->Apply(sizes)->Unit(benchmark::kMicrosecond);
BENCHMARK(slide<bench::uniform_window>)->Apply(sizes)->Unit(benchmark::kMicrosecond);
BENCHMARK(from_scratch<bench::uniform_window>)->Apply(sizes)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace topoforge
