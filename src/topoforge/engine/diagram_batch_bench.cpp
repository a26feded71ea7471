#include "topoforge/engine/diagram_batch.hpp"

#include <cstddef>
#include <vector>

#include <benchmark/benchmark.h>

#include "bench/window_inputs.hpp"

namespace topoforge {
namespace {

/// Time of 200 windows of 100 points up to degree 2. The ratio of one thread to two is the scaling.
void compute_batch(benchmark::State& state) {
  constexpr std::size_t kWindows = 200;
  std::vector<PointCloud> windows;
  for (std::size_t k = 0; k < kWindows; ++k) windows.push_back(bench::noisy_periodic_window(100, k));
  const DiagramBatchOptions options{
      .threads = static_cast<std::size_t>(state.range(0)), .metric = Metric::euclidean, .rips = {}};
  for (auto _ : state) {
    std::size_t pairs = 0;
    const auto count = compute_diagrams(
        [&, next = std::size_t{0}]() mutable -> Result<std::optional<PointCloud>> {
          if (next == kWindows) return std::optional<PointCloud>{};
          return std::optional<PointCloud>{windows[next++]};
        },
        [&](std::size_t, const RepresentedDiagram& diagram) -> Result<void> {
          pairs += diagram.diagram.pairs[0].size();
          return {};
        },
        options);
    if (!count) state.SkipWithError(count.error().message.c_str());
    benchmark::DoNotOptimize(pairs);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kWindows));
}

BENCHMARK(compute_batch)
    ->ArgName("threads")
    ->Arg(1)
    ->Arg(2)
    ->Arg(4)
    ->MeasureProcessCPUTime()
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace topoforge
