#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "topoforge/base/result.hpp"
#include "topoforge/core/event/event.hpp"
#include "topoforge/core/pipeline/pipeline.hpp"

/// Purpose: one thread of the compute pool with the pipelines of its streams.
/// Overflow: push() refuses when queue_limit events wait. When max_streams is met, the least recently used pipeline is
/// let go and counted. Thread safety: push(), stop() and the counters from any thread; callbacks run on the shard's
/// thread, in the order of push().
namespace topoforge {

struct StreamKeyHash {
  std::size_t operator()(const StreamKey& key) const;
};

/// What became of one event.
struct EngineOutcome {
  PushOutcome push;
  std::size_t buffered = 0;  ///< events in the stream's window now
};
using EngineCallback = std::function<void(Result<EngineOutcome>)>;

struct ShardOptions {
  PipelineOptions pipeline;
  std::size_t queue_limit = 0;
  std::size_t max_streams = 0;
};

class Shard {
 public:
  explicit Shard(ShardOptions options);
  ~Shard();
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  /// Errors: unavailable when the queue is full or the shard stops; the callback is then not called.
  Result<void> push(Event event, EngineCallback callback);
  /// Works off what waits and ends the thread. A second call does nothing.
  void stop();

  [[nodiscard]] std::size_t queue_depth() const;
  [[nodiscard]] std::size_t streams() const { return stream_count_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t evicted() const { return evicted_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t processed() const { return processed_.load(std::memory_order_relaxed); }

 private:
  struct Job {
    Event event;
    EngineCallback callback;
  };
  struct Stream {
    StreamKey key;
    Pipeline pipeline;
  };

  void run();
  Result<EngineOutcome> process(const Event& event);
  Pipeline& pipeline_of(const StreamKey& key);
  void forget(const StreamKey& key);

  const ShardOptions options_;
  std::list<Stream> streams_;  ///< most recently used first; of the shard's thread alone
  std::unordered_map<StreamKey, std::list<Stream>::iterator, StreamKeyHash> index_;
  std::atomic<std::size_t> stream_count_ = 0;
  std::atomic<std::uint64_t> evicted_ = 0;
  std::atomic<std::uint64_t> processed_ = 0;

  mutable std::mutex mutex_;  ///< owns queue_ and stopping_
  std::condition_variable wake_;
  std::deque<Job> queue_;
  bool stopping_ = false;
  std::thread thread_;  ///< last: it uses all of the above
};

}  // namespace topoforge
