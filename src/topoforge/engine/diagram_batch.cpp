#include "topoforge/engine/diagram_batch.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace topoforge {
namespace {

struct Job {
  std::size_t window = 0;
  PointCloud cloud;
  std::optional<Result<RepresentedDiagram>> diagram;  // when it is done
};

Result<RepresentedDiagram> compute(VietorisRips& engine, const DistanceMatrix& distances,
                                   const DiagramBatchOptions& options) {
  if (options.most_loops) return engine.represent(distances, options.rips, *options.most_loops);
  auto diagram = engine.compute(distances, options.rips);
  if (!diagram) return tl::unexpected(std::move(diagram.error()));
  return RepresentedDiagram{.diagram = std::move(*diagram), .simplices = {}, .loops = {}};
}

Result<RepresentedDiagram> compute(VietorisRips& engine, const Job& job, const DiagramBatchOptions& options) {
  Result<RepresentedDiagram> diagram = [&]() -> Result<RepresentedDiagram> {
    try {
      return compute(engine, pairwise_distances(job.cloud, options.metric), options);
    } catch (const std::exception& error) {  // out of memory
      return fail(ErrorCode::unavailable, error.what());
    }
  }();
  if (!diagram) return fail(diagram.error().code, fmt::format("window {}: {}", job.window, diagram.error().message));
  return diagram;
}

/// Windows in the order in which they came, and the threads that compute them.
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

  void push(Job job) {
    {
      const std::lock_guard lock(mutex_);
      jobs_.push_back(std::move(job));
    }
    wake_.notify_one();
  }

  /// Waits for the oldest job, which there must be.
  Job pop() {
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return jobs_.front().diagram.has_value(); });
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    --begun_;
    return job;
  }

 private:
  void run() {
    VietorisRips engine;
    while (true) {
      Job* job = nullptr;  // a deque leaves its elements where they are when others come and go at its ends
      {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [this] { return stopping_ || begun_ < jobs_.size(); });
        if (stopping_) return;
        job = &jobs_[begun_++];
      }
      auto diagram = compute(engine, *job, options_);
      {
        const std::lock_guard lock(mutex_);
        job->diagram = std::move(diagram);
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

Result<std::size_t> compute_here(const NextWindow& next, const TakeDiagram& take, const DiagramBatchOptions& options) {
  VietorisRips engine;
  for (Job job;; ++job.window) {
    auto cloud = next();
    if (!cloud) return tl::unexpected(std::move(cloud.error()));
    if (!*cloud) return job.window;
    job.cloud = std::move(**cloud);
    const auto diagram = compute(engine, job, options);
    if (!diagram) return tl::unexpected(diagram.error());
    if (auto taken = take(job.window, *diagram); !taken) return tl::unexpected(std::move(taken.error()));
  }
}

Result<std::size_t> compute_on_threads(const NextWindow& next, const TakeDiagram& take,
                                       const DiagramBatchOptions& options) {
  Workers workers(options);
  Result<void> read;  // an error of next() is told when its turn comes
  bool at_end = false;
  std::size_t pushed = 0;
  for (std::size_t taken = 0;; ++taken) {
    while (!at_end && pushed - taken < options.threads * kWindowsPerThread) {
      auto cloud = next();
      at_end = !cloud || !*cloud;
      if (!cloud) read = tl::unexpected(std::move(cloud.error()));
      if (!at_end) workers.push({.window = pushed++, .cloud = std::move(**cloud), .diagram = {}});
    }
    if (taken == pushed) break;
    const Job job = workers.pop();
    if (!*job.diagram) return tl::unexpected(job.diagram->error());
    if (auto done = take(job.window, **job.diagram); !done) return tl::unexpected(std::move(done.error()));
  }
  if (!read) return tl::unexpected(std::move(read.error()));
  return pushed;
}

}  // namespace

Result<std::size_t> compute_diagrams(const NextWindow& next, const TakeDiagram& take,
                                     const DiagramBatchOptions& options) {
  if (options.threads > kMaxBatchThreads) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("threads {} is outside 0 to {} (0: one a processor)", options.threads, kMaxBatchThreads));
  }
  // The engine checks its options in full; no points are in each of its ranges.
  VietorisRips engine;
  if (auto checked = compute(engine, DistanceMatrix(), options); !checked) {
    return tl::unexpected(std::move(checked.error()));
  }
  DiagramBatchOptions chosen = options;
  if (chosen.threads == 0) {
    chosen.threads = std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, kMaxBatchThreads);
  }
  return chosen.threads == 1 ? compute_here(next, take, chosen) : compute_on_threads(next, take, chosen);
}

}  // namespace topoforge
