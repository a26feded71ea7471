#include "topoforge/engine/engine.hpp"

#include <algorithm>
#include <cassert>
#include <thread>
#include <utility>

#include <fmt/format.h>

namespace topoforge {

Result<void> validate(const EngineOptions& options) {
  if (options.shards > kMaxShards) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("threads {} is outside 0 to {} (0: one a processor)", options.shards, kMaxShards));
  }
  if (options.queue_limit == 0) return fail(ErrorCode::invalid_argument, "queue limit 0; wanted at least 1");
  if (options.max_streams == 0) return fail(ErrorCode::invalid_argument, "max streams 0; wanted at least 1");
  return validate(options.pipeline);
}

Engine::Engine(EngineOptions options) : options_(std::move(options)) {
  assert(validate(options_));
  if (options_.shards == 0)
    options_.shards = std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, kMaxShards);
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
