#include "topoforge/engine/diagram_batch.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <benchmark/benchmark.h>

#include "bench/window_inputs.hpp"

/// Time of 2000 windows up to degree 2 of a stream of points, which slide, against the same windows from scratch: the
/// ratio is what sliding gains, that of one thread to two the scaling. Arguments: threads, points of a window, stride.
namespace topoforge {
namespace {

constexpr std::size_t kWindows = 2000;

void compute_batch(benchmark::State& state, const VietorisRipsOptions& rips) {
  const DiagramBatchOptions options{.window = static_cast<std::size_t>(state.range(1)),
                                    .stride = static_cast<std::size_t>(state.range(2)),
                                    .threads = static_cast<std::size_t>(state.range(0)),
                                    .metric = Metric::euclidean,
                                    .rips = rips};
  const PointCloud stream = bench::noisy_periodic_window(options.window + (kWindows - 1) * options.stride, 1);
  for (auto _ : state) {
    std::size_t pairs = 0;
    const auto windows = compute_diagrams(
        [&, at = std::size_t{0}]() mutable -> Result<std::optional<std::vector<double>>> {
          if (at == stream.size()) return std::nullopt;
          const auto point = stream.point(at++);
          return std::vector<double>(point.begin(), point.end());
        },
        [&](std::size_t, const RepresentedDiagram& diagram) -> Result<void> {
          pairs += diagram.diagram.pairs[0].size();
          return {};
        },
        options);
    if (!windows) state.SkipWithError(windows.error().message.c_str());
    benchmark::DoNotOptimize(pairs);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kWindows));
}

void slide_batch(benchmark::State& state) { compute_batch(state, {}); }

/// A budget that is never spent.
void batch_from_scratch(benchmark::State& state) {
  compute_batch(state, {.max_cells = VietorisRipsOptions{}.max_cells - 1});
}

void threads_and_strides(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgNames({"threads", "window", "stride"});
  for (const int threads : {1, 2, 4}) {
    for (const int stride : {1, 5}) benchmark->Args({threads, 100, stride});
  }
  benchmark->MeasureProcessCPUTime()->UseRealTime()->Unit(benchmark::kMillisecond);
}

BENCHMARK(slide_batch)->Apply(threads_and_strides);
BENCHMARK(batch_from_scratch)->Apply(threads_and_strides);

}  // namespace
}  // namespace topoforge
