#include "topoforge/engine/engine.hpp"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <iterator>
#include <mutex>
#include <thread>
#include <utility>

#include <fmt/format.h>

namespace topoforge {

namespace {

EngineOptions with_shards(EngineOptions options) {
  if (options.shards == 0) options.shards = std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, kMaxShards);
  return options;
}

/// Threads that fit models beside so many shards: a shard that would wait for a fit helps itself.
std::size_t background_threads(std::size_t shards) { return (shards + 1) / 2; }

std::chrono::nanoseconds monotonic_time() { return std::chrono::steady_clock::now().time_since_epoch(); }

}  // namespace

Result<void> validate(const EngineOptions& options) {
  if (options.shards > kMaxShards) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("threads {} is outside 0 to {} (0: one a processor)", options.shards, kMaxShards));
  }
  if (options.queue_limit == 0) return fail(ErrorCode::invalid_argument, "queue limit 0; wanted at least 1");
  if (options.max_streams == 0) return fail(ErrorCode::invalid_argument, "max streams 0; wanted at least 1");
  return validate(options.pipeline);
}

Engine::Engine(EngineOptions options)
    : options_(with_shards(std::move(options))), background_(background_threads(options_.shards)) {
  assert(validate(options_));
  options_.pipeline.stopwatch = monotonic_time;
  options_.pipeline.start_background_work = [this](std::function<void()> work) {
    return background_.start(std::move(work));
  };
  const ShardOptions shard{.pipeline = options_.pipeline,
                           .queue_limit = options_.queue_limit,
                           .max_streams = (options_.max_streams + options_.shards - 1) / options_.shards};
  shards_.reserve(options_.shards);
  for (std::size_t i = 0; i < options_.shards; ++i) shards_.push_back(std::make_unique<Shard>(shard));
}

Result<void> Engine::submit(Event event, EngineCallback callback) {
  const std::size_t shard = StreamKeyHash{}(event.stream) % shards_.size();
  return shards_[shard]->push(std::move(event), std::move(callback));
}

void Engine::configure(const std::vector<std::string>& sources, std::optional<StreamSettings> settings) {
  std::shared_ptr<const StreamSettings> shared;
  if (settings) {
    assert(validate(settings->pipeline));
    settings->pipeline.stopwatch = monotonic_time;
    settings->pipeline.start_background_work = options_.pipeline.start_background_work;
    shared = std::make_shared<const StreamSettings>(std::move(*settings));
  }
  for (const auto& shard : shards_) {
    for (const std::string& source : sources) shard->configure(source, shared);
  }
}

void Engine::set_threshold(double threshold) {
  assert(threshold > 0.0 && threshold < 1.0);
  for (const auto& shard : shards_) shard->set_threshold(threshold);
}

namespace {

/// The parts of a profile, as the shards give them.
struct Gathering {
  std::mutex mutex;  ///< owns the rest
  std::vector<StreamProfile> profiles;
  std::size_t left = 0;
  std::function<void(std::vector<StreamProfile>)> callback;

  void take(std::vector<StreamProfile> part) {
    const std::lock_guard lock(mutex);
    profiles.insert(profiles.end(), std::make_move_iterator(part.begin()), std::make_move_iterator(part.end()));
    if (--left > 0 || !callback) return;
    std::ranges::sort(profiles, {}, &StreamProfile::stream);
    callback(std::move(profiles));
  }
  void cancel() {
    const std::lock_guard lock(mutex);
    callback = nullptr;
  }
};

}  // namespace

Result<void> Engine::profile(const std::vector<std::string>& sources,
                             std::function<void(std::vector<StreamProfile>)> callback) {
  const auto gathering = std::make_shared<Gathering>();
  gathering->left = shards_.size() * sources.size() + 1;
  gathering->callback = std::move(callback);
  for (const auto& shard : shards_) {
    for (const std::string& source : sources) {
      auto asked = shard->profile(source, [gathering](auto part) { gathering->take(std::move(part)); });
      if (asked) continue;
      gathering->cancel();
      return asked;
    }
  }
  gathering->take({});
  return {};
}

void Engine::stop() {
  for (const auto& shard : shards_) shard->stop();
}

EngineStatus Engine::status() const {
  EngineStatus status{.shards = shards_.size(), .streams = 0, .queue_depth = 0, .processed = 0, .evicted = 0};
  for (const auto& shard : shards_) {
    status.streams += shard->streams();
    status.queue_depth += shard->queue_depth();
    status.processed += shard->processed();
    status.evicted += shard->evicted();
  }
  return status;
}

}  // namespace topoforge
