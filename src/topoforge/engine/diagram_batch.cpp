#include "topoforge/engine/diagram_batch.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "topoforge/core/diagram/sliding_vietoris_rips.hpp"

namespace topoforge {
namespace {

/// What a run adds to its first window is at most so many windows of points: beside them the pushes of its start, one
/// window of points, are few.
constexpr std::size_t kMostWindowsOfPoints = 8;
/// A run is at most a fourth of the windows that each thread had so far: short at first, so that all threads begin
/// soon, and growing so slowly that at the end no thread waits long for another.
constexpr std::size_t kShareOfRun = 4;

constexpr std::size_t kNoBudget = VietorisRipsOptions{}.max_cells;

/// Windows that share fewer points are computed faster from scratch. Sliding has no budget, so that no result depends
/// on where a run begins, and no representatives.
bool slides(const DiagramBatchOptions& options) {
  return options.stride <= options.window / 4 && options.rips.max_cells == kNoBudget && !options.most_loops;
}

/// Windows of the next run, of a batch of which `read` windows were read.
std::size_t run_length(std::size_t read, const DiagramBatchOptions& options) {
  if (!slides(options)) return 1;
  const std::size_t longest = std::min(kMostWindowsInRun, 1 + kMostWindowsOfPoints * options.window / options.stride);
  return std::clamp<std::size_t>(read / (kShareOfRun * options.threads), 1, longest);
}

Result<RepresentedDiagram> without_representatives(PersistenceDiagram diagram) {
  return RepresentedDiagram{.diagram = std::move(diagram), .simplices = {}, .loops = {}};
}

Result<RepresentedDiagram> compute(VietorisRips& engine, const DistanceMatrix& distances,
                                   const DiagramBatchOptions& options) {
  if (options.most_loops) return engine.represent(distances, options.rips, *options.most_loops);
  auto diagram = engine.compute(distances, options.rips);
  if (!diagram) return tl::unexpected(std::move(diagram.error()));
  return without_representatives(std::move(*diagram));
}

using Diagrams = std::vector<Result<RepresentedDiagram>>;

/// Computes the diagrams of one run after another. A window that follows the last one slides on.
class WindowEngine {
 public:
  explicit WindowEngine(const DiagramBatchOptions& options) : options_(options) {}

  /// Of each window of the run, up to the first that fails.
  Diagrams compute(const WindowRun& run) {
    Diagrams diagrams;
    diagrams.reserve(run.windows);
    while (diagrams.size() < run.windows && (diagrams.empty() || diagrams.back()))
      diagrams.push_back(diagram_of(run, diagrams.size()));
    return diagrams;
  }

 private:
  Result<RepresentedDiagram> diagram_of(const WindowRun& run, std::size_t place) {
    auto diagram = [&]() -> Result<RepresentedDiagram> {
      try {
        // A start does not pay for one window, but on one thread, where each run follows the last one.
        const bool lasts = run.windows > 1 || options_.threads == 1;
        return slides(options_) && lasts ? slide(run, place) : from_scratch(run, place);
      } catch (const std::exception& error) {  // out of memory
        return fail(ErrorCode::unavailable, error.what());
      }
    }();
    if (diagram) return diagram;
    return fail(diagram.error().code, fmt::format("window {}: {}", run.first + place, diagram.error().message));
  }

  Result<RepresentedDiagram> from_scratch(const WindowRun& run, std::size_t place) {
    const std::size_t dimension = run.points.dimension;
    const auto first =
        run.points.coordinates.begin() + static_cast<std::ptrdiff_t>(place * options_.stride * dimension);
    const auto end = first + static_cast<std::ptrdiff_t>(options_.window * dimension);
    const PointCloud window{.dimension = dimension, .coordinates = {first, end}};
    return topoforge::compute(rips_, pairwise_distances(window, options_.metric), options_);
  }

  Result<RepresentedDiagram> slide(const WindowRun& run, std::size_t place) {
    if (!sliding_) {
      auto made = SlidingVietorisRips::make({options_.window, options_.metric, options_.rips});
      if (!made) return tl::unexpected(std::move(made.error()));
      sliding_ = std::move(*made);
    }
    const bool follows = following_ == run.first + place;
    if (!follows) sliding_->clear();
    const std::size_t entering = follows ? options_.stride : options_.window;
    const std::size_t end = place * options_.stride + options_.window;
    for (std::size_t i = end - entering; i < end; ++i) {
      if (auto pushed = sliding_->push(run.points.point(i)); !pushed) return tl::unexpected(std::move(pushed.error()));
    }
    following_ = run.first + place + 1;
    const auto diagram = sliding_->diagram();
    // In the order of the stream its points may need less memory.
    return diagram ? without_representatives(**diagram) : from_scratch(run, place);
  }

  const DiagramBatchOptions& options_;
  VietorisRips rips_;
  std::optional<SlidingVietorisRips> sliding_;  // made with the first window that slides
  std::optional<std::size_t> following_;        // the window after the last one that slid
};

struct Job {
  WindowRun run;
  std::optional<Diagrams> diagrams;  // when it is done
};

/// Takes the diagrams of a run up to its first error, if it has one.
Result<void> take_all(const WindowRun& run, const Diagrams& diagrams, const TakeDiagram& take) {
  for (std::size_t place = 0; place < diagrams.size(); ++place) {
    if (!diagrams[place]) return tl::unexpected(diagrams[place].error());
    if (auto taken = take(run.first + place, *diagrams[place]); !taken) return taken;
  }
  return {};
}

/// Runs in the order in which they came, and the threads that compute them.
class Workers {
 public:
  explicit Workers(const DiagramBatchOptions& options) : options_(options) {
    threads_.reserve(options.threads);
    try {
      for (std::size_t i = 0; i < options.threads; ++i) threads_.emplace_back([this] { run(); });
    } catch (...) {
      stop();
      throw;
    }
  }
  ~Workers() { stop(); }
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  void push(WindowRun run) {
    {
      const std::lock_guard lock(mutex_);
      jobs_.push_back({.run = std::move(run), .diagrams = {}});
    }
    wake_.notify_one();
  }

  /// Waits for the oldest job, which there must be.
  Job pop() {
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return jobs_.front().diagrams.has_value(); });
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    --begun_;
    return job;
  }

 private:
  void run() {
    WindowEngine engine(options_);
    while (true) {
      Job* job = nullptr;  // a deque leaves its elements where they are when others come and go at its ends
      {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [this] { return stopping_ || begun_ < jobs_.size(); });
        if (stopping_) return;
        job = &jobs_[begun_++];
      }
      auto diagrams = engine.compute(job->run);
      {
        const std::lock_guard lock(mutex_);
        job->diagrams = std::move(diagrams);
      }
      done_.notify_one();
    }
  }

  void stop() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  const DiagramBatchOptions& options_;
  std::mutex mutex_;  // guards the members up to stopping_
  std::deque<Job> jobs_;
  std::size_t begun_ = 0;  // jobs at the front that a thread has taken up
  bool stopping_ = false;
  std::condition_variable wake_;
  std::condition_variable done_;
  std::vector<std::thread> threads_;
};

Result<std::size_t> compute_here(WindowRunReader& reader, const TakeDiagram& take, const DiagramBatchOptions& options) {
  WindowEngine engine(options);
  while (true) {
    const auto run = reader.read(1);
    if (!run) return tl::unexpected(run.error());
    if (run->windows == 0) return run->first;
    if (auto taken = take_all(*run, engine.compute(*run), take); !taken)
      return tl::unexpected(std::move(taken.error()));
  }
}

Result<std::size_t> compute_on_threads(WindowRunReader& reader, const TakeDiagram& take,
                                       const DiagramBatchOptions& options) {
  Workers workers(options);
  std::size_t windows = 0;  // read
  std::size_t waiting = 0;  // runs
  bool more = true;
  while (true) {
    while (more && waiting < options.threads * kRunsPerThread) {
      auto run = reader.read(run_length(windows, options));
      more = run && run->windows > 0;
      if (!more) break;
      windows += run->windows;
      workers.push(std::move(*run));
      ++waiting;
    }
    if (waiting == 0) break;
    const Job job = workers.pop();
    --waiting;
    if (auto taken = take_all(job.run, *job.diagrams, take); !taken) return tl::unexpected(std::move(taken.error()));
  }
  if (const auto end = reader.read(1); !end) return tl::unexpected(end.error());
  return windows;
}

}  // namespace

Result<std::size_t> compute_diagrams(const NextPoint& next, const TakeDiagram& take,
                                     const DiagramBatchOptions& options) {
  if (options.threads > kMaxBatchThreads) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("threads {} is outside 0 to {} (0: one a processor)", options.threads, kMaxBatchThreads));
  }
  if (options.window < 1 || options.window > kMaxDiagramPoints) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("window is 1 to {} points, got {}", kMaxDiagramPoints, options.window));
  }
  if (options.stride < 1) return fail(ErrorCode::invalid_argument, "stride is 1 point or more, got 0");
  // The engine checks its options in full; no points are in each of its ranges.
  VietorisRips engine;
  if (auto checked = compute(engine, DistanceMatrix(), options); !checked) {
    return tl::unexpected(std::move(checked.error()));
  }
  DiagramBatchOptions chosen = options;
  if (chosen.threads == 0) {
    chosen.threads = std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, kMaxBatchThreads);
  }
  WindowRunReader reader(next, {.window = options.window, .stride = options.stride});
  return chosen.threads == 1 ? compute_here(reader, take, chosen) : compute_on_threads(reader, take, chosen);
}

}  // namespace topoforge
