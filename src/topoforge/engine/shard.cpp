#include "topoforge/engine/shard.hpp"

#include <exception>
#include <functional>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace topoforge {

std::size_t StreamKeyHash::operator()(const StreamKey& key) const {
  const std::size_t source = std::hash<std::string>{}(key.source);
  const std::size_t entity = std::hash<std::string>{}(key.entity);
  return source ^ (entity + 0x9e3779b97f4a7c15U + (source << 6U) + (source >> 2U));
}

Shard::Shard(ShardOptions options) : options_(std::move(options)), thread_([this] { run(); }) {}

Shard::~Shard() { stop(); }

Result<void> Shard::push(Event event, EngineCallback callback) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return fail(ErrorCode::unavailable, "the engine is stopping");
    if (queue_.size() >= options_.queue_limit) {
      return fail(ErrorCode::unavailable,
                  fmt::format("{} events wait for analysis already; try again shortly", queue_.size()));
    }
    queue_.push_back({std::move(event), std::move(callback)});
  }
  wake_.notify_one();
  return {};
}

void Shard::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

std::size_t Shard::queue_depth() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

void Shard::run() {
  while (true) {
    Job job;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      job = std::move(queue_.front());
      queue_.pop_front();
    }
    Result<EngineOutcome> outcome = process(job.event);
    processed_.fetch_add(1, std::memory_order_relaxed);
    job.callback(std::move(outcome));
  }
}

Result<EngineOutcome> Shard::process(const Event& event) {
  try {
    Pipeline& pipeline = pipeline_of(event.stream);
    Result<PushOutcome> pushed = pipeline.push(event);
    if (!pushed) {
      // A refused first event must not leave an empty stream behind.
      if (pipeline.channels().empty()) forget(event.stream);
      return tl::unexpected(std::move(pushed.error()));
    }
    return EngineOutcome{.push = std::move(*pushed), .buffered = pipeline.buffered()};
  } catch (const std::exception& error) {
    // Out of memory, in the main: the stream's state is in doubt, so it starts anew.
    forget(event.stream);
    return fail(ErrorCode::unavailable, fmt::format("analysis failed and the stream starts anew: {}", error.what()));
  }
}

Pipeline& Shard::pipeline_of(const StreamKey& key) {
  if (const auto found = index_.find(key); found != index_.end()) {
    streams_.splice(streams_.begin(), streams_, found->second);
    return streams_.front().pipeline;
  }
  if (streams_.size() >= options_.max_streams) {
    const StreamKey oldest = streams_.back().key;
    forget(oldest);
    evicted_.fetch_add(1, std::memory_order_relaxed);
  }
  streams_.push_front({key, Pipeline(options_.pipeline)});
  index_.emplace(key, streams_.begin());
  stream_count_.store(streams_.size(), std::memory_order_relaxed);
  return streams_.front().pipeline;
}

void Shard::forget(const StreamKey& key) {
  const auto found = index_.find(key);
  if (found == index_.end()) return;
  streams_.erase(found->second);
  index_.erase(found);
  stream_count_.store(streams_.size(), std::memory_order_relaxed);
}

}  // namespace topoforge
