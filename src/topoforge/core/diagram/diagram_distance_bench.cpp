#include "topoforge/core/diagram/diagram_distance.hpp"

#include <cstddef>

#include <benchmark/benchmark.h>

#include "bench/window_inputs.hpp"
#include "topoforge/core/diagram/vietoris_rips.hpp"

namespace topoforge {
namespace {

/// Time of one distance between the H1 diagrams of two windows of uniform points: many short pairs.
template <class Distance>
void compare_diagrams(benchmark::State& state, Distance distance) {
  const auto points = static_cast<std::size_t>(state.range(0));
  VietorisRips engine;
  const auto first = engine.compute(bench::uniform_window(points, 1), {.max_dimension = 1});
  const auto second = engine.compute(bench::uniform_window(points, 2), {.max_dimension = 1});
  for (auto _ : state) {
    auto result = distance(first->pairs[1], second->pairs[1]);
    benchmark::DoNotOptimize(result);
  }
  state.counters["pairs"] = static_cast<double>(first->pairs[1].size());
}

BENCHMARK_CAPTURE(compare_diagrams, bottleneck, [](const auto& a, const auto& b) { return bottleneck_distance(a, b); })
    -> ArgName("points") -> Arg(50) -> Arg(200) -> Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(compare_diagrams, wasserstein, [](const auto& a, const auto& b) {
  return wasserstein_distance(a, b, 2.0);
}) -> ArgName("points") -> Arg(50) -> Arg(200) -> Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace topoforge
