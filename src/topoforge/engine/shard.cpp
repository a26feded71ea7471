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
    queue_.emplace_back(EventJob{.event = std::move(event), .callback = std::move(callback)});
  }
  wake_.notify_one();
  return {};
}

/// False when the shard stops. Orders are few: no limit of the queue is theirs.
bool Shard::order(Order order) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return false;
    queue_.emplace_back(std::move(order));
  }
  wake_.notify_one();
  return true;
}

void Shard::configure(std::string source, std::shared_ptr<const StreamSettings> settings) {
  order([this, source = std::move(source), settings = std::move(settings)] {
    std::vector<StreamKey> streams;
    for (const Stream& stream : streams_) {
      if (stream.key.source == source) streams.push_back(stream.key);
    }
    for (const StreamKey& stream : streams) forget(stream);
    if (settings) {
      settings_[source] = settings;
    } else {
      settings_.erase(source);
    }
  });
}

void Shard::set_threshold(double threshold) {
  order([this, threshold] {
    options_.pipeline.threshold = threshold;
    for (Stream& stream : streams_) {
      if (!stream.settings) stream.pipeline.set_threshold(threshold);
    }
  });
}

Result<void> Shard::profile(std::string source, std::function<void(std::vector<StreamProfile>)> callback) {
  const bool taken = order([this, source = std::move(source), callback = std::move(callback)] {
    std::vector<StreamProfile> profiles;
    for (const Stream& stream : streams_) {
      if (stream.key.source != source) continue;
      profiles.push_back({.stream = stream.key,
                          .channels = stream.pipeline.channels(),
                          .events = stream.events,
                          .windows = stream.windows,
                          .anomalies = stream.anomalies,
                          .buffered = stream.pipeline.buffered(),
                          .events_until_verdict = stream.pipeline.events_until_verdict(),
                          .confidence = stream.pipeline.confidence(),
                          .memory_bytes = stream.pipeline.memory_bytes()});
    }
    callback(std::move(profiles));
  });
  if (!taken) return fail(ErrorCode::unavailable, "the engine is stopping");
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
    if (const auto* const given = std::get_if<Order>(&job)) {
      (*given)();
      continue;
    }
    const EventJob& event = std::get<EventJob>(job);
    Result<EngineOutcome> outcome = process(event.event);
    processed_.fetch_add(1, std::memory_order_relaxed);
    event.callback(std::move(outcome));
  }
}

Result<EngineOutcome> Shard::process(const Event& event) {
  try {
    Stream& stream = stream_of(event.stream);
    Result<PushOutcome> pushed = stream.pipeline.push(event);
    if (!pushed) {
      // A refused first event must not leave an empty stream behind.
      if (stream.pipeline.channels().empty()) forget(event.stream);
      return tl::unexpected(std::move(pushed.error()));
    }
    stream.events += pushed->duplicate ? 0 : 1;
    if (pushed->analysis) {
      ++stream.windows;
      stream.anomalies += pushed->analysis->is_anomaly ? 1 : 0;
      if (stream.settings) pushed->analysis->detector = stream.settings->detector;
    }
    return EngineOutcome{.push = std::move(*pushed), .buffered = stream.pipeline.buffered()};
  } catch (const std::exception& error) {
    // Out of memory, in the main: the stream's state is in doubt, so it starts anew.
    forget(event.stream);
    return fail(ErrorCode::unavailable, fmt::format("analysis failed and the stream starts anew: {}", error.what()));
  }
}

Shard::Stream& Shard::stream_of(const StreamKey& key) {
  if (const auto found = index_.find(key); found != index_.end()) {
    streams_.splice(streams_.begin(), streams_, found->second);
    return streams_.front();
  }
  if (streams_.size() >= options_.max_streams) {
    const StreamKey oldest = streams_.back().key;
    forget(oldest);
    evicted_.fetch_add(1, std::memory_order_relaxed);
  }
  const auto found = settings_.find(key.source);
  std::shared_ptr<const StreamSettings> settings = found == settings_.end() ? nullptr : found->second;
  Pipeline pipeline(settings ? settings->pipeline : options_.pipeline);
  streams_.push_front({.key = key, .settings = std::move(settings), .pipeline = std::move(pipeline)});
  index_.emplace(key, streams_.begin());
  stream_count_.store(streams_.size(), std::memory_order_relaxed);
  return streams_.front();
}

void Shard::forget(const StreamKey& key) {
  const auto found = index_.find(key);
  if (found == index_.end()) return;
  streams_.erase(found->second);
  index_.erase(found);
  stream_count_.store(streams_.size(), std::memory_order_relaxed);
}

}  // namespace topoforge
