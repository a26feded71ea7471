#include "topoforge/core/diagram/diagram_distance.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <random>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include "bench/window_inputs.hpp"
#include "topoforge/core/diagram/diagram_matching.hpp"
#include "topoforge/core/diagram/vietoris_rips.hpp"

namespace topoforge {
namespace {

using Pairs = std::vector<PersistencePair>;

/// Births all over [0, 1] and lifetimes of 0.1 on average: many short pairs and a few that last.
PersistencePair random_pair(std::mt19937_64& random) {
  std::uniform_real_distribution<double> uniform;
  const double birth = uniform(random);
  return {birth, birth - 0.1 * std::log(1.0 - uniform(random))};
}

/// Two diagrams that have nothing to do with each other.
std::pair<Pairs, Pairs> unrelated(std::size_t size) {
  std::mt19937_64 random(size);
  std::pair<Pairs, Pairs> diagrams{Pairs(size), Pairs(size)};
  for (PersistencePair& pair : diagrams.first) pair = random_pair(random);
  for (PersistencePair& pair : diagrams.second) pair = random_pair(random);
  std::ranges::sort(diagrams.first);
  std::ranges::sort(diagrams.second);
  return diagrams;
}

/// What one stride of a window leaves: one pair in five is new, the others are those of before.
std::pair<Pairs, Pairs> successive(std::size_t size) {
  std::mt19937_64 random(size);
  Pairs first(size);
  for (PersistencePair& pair : first) pair = random_pair(random);
  Pairs second = first;
  for (std::size_t k = 0; k < size; k += 5) second[k] = random_pair(random);
  std::ranges::sort(first);
  std::ranges::sort(second);
  return {std::move(first), std::move(second)};
}

/// Time of one distance between two diagrams of some size. A free function asks for memory each time, a matcher once.
template <class Inputs, class Distance>
void small_diagrams(benchmark::State& state, Inputs inputs, Distance distance) {
  const auto [first, second] = inputs(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    auto result = distance(first, second);
    benchmark::DoNotOptimize(result);
  }
}

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

const auto kBottleneck = [](const auto& a, const auto& b) { return bottleneck_distance(a, b); };
const auto kWasserstein1 = [](const auto& a, const auto& b) { return wasserstein_distance(a, b, 1.0); };
const auto kWasserstein2 = [](const auto& a, const auto& b) { return wasserstein_distance(a, b, 2.0); };

struct KeptBottleneck {
  DiagramMatcher matcher = {};
  auto operator()(const Pairs& a, const Pairs& b) { return matcher.bottleneck_distance(a, b); }
};
struct KeptWasserstein2 {
  DiagramMatcher matcher = {};
  auto operator()(const Pairs& a, const Pairs& b) { return matcher.wasserstein_distance(a, b, 2.0); }
};

void small_sizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgName("pairs")->Arg(5)->Arg(20)->Arg(100)->Unit(benchmark::kMicrosecond);
}
void window_sizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgName("points")->Arg(50)->Arg(200)->Unit(benchmark::kMicrosecond);
}

BENCHMARK_CAPTURE(small_diagrams, unrelated_bottleneck, unrelated, kBottleneck)->Apply(small_sizes);
BENCHMARK_CAPTURE(small_diagrams, unrelated_wasserstein_1, unrelated, kWasserstein1)->Apply(small_sizes);
BENCHMARK_CAPTURE(small_diagrams, unrelated_wasserstein_2, unrelated, kWasserstein2)->Apply(small_sizes);
BENCHMARK_CAPTURE(small_diagrams, successive_bottleneck, successive, kBottleneck)->Apply(small_sizes);
BENCHMARK_CAPTURE(small_diagrams, successive_wasserstein_1, successive, kWasserstein1)->Apply(small_sizes);
BENCHMARK_CAPTURE(small_diagrams, successive_wasserstein_2, successive, kWasserstein2)->Apply(small_sizes);
BENCHMARK_CAPTURE(small_diagrams, successive_bottleneck_kept, successive, KeptBottleneck())->Apply(small_sizes);
BENCHMARK_CAPTURE(small_diagrams, successive_wasserstein_2_kept, successive, KeptWasserstein2())->Apply(small_sizes);
BENCHMARK_CAPTURE(compare_diagrams, bottleneck, kBottleneck)->Apply(window_sizes);
BENCHMARK_CAPTURE(compare_diagrams, wasserstein, kWasserstein2)->Apply(window_sizes);

}  // namespace
}  // namespace topoforge
