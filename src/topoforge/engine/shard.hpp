#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <variant>
#include <vector>

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

/// How the streams of a source are looked at, in the place of the engine's options.
struct StreamSettings {
  std::string detector;  ///< name, for Analysis::detector
  PipelineOptions pipeline;
};

/// How a stream is.
struct StreamProfile {
  StreamKey stream;
  std::vector<std::string> channels;
  std::uint64_t events = 0;  ///< taken in
  std::uint64_t windows = 0;
  std::uint64_t anomalies = 0;
  std::size_t buffered = 0;              ///< events in its window
  std::size_t events_until_verdict = 0;  ///< 0 once calibrated
  double confidence = 0.0;               ///< see Analysis
  std::size_t memory_bytes = 0;
};

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
  /// Before every event that is pushed later: the source's streams begin anew, looked at as the settings say; nullptr:
  /// by the shard's options. Nothing is done once the shard stops.
  void configure(std::string source, std::shared_ptr<const StreamSettings> settings);
  /// Likewise: of streams without settings, those that come as well.
  void set_threshold(double threshold);
  /// Calls back with the streams of the source, after every event that was pushed before.
  /// Errors: unavailable when the shard stops; the callback is then not called.
  Result<void> profile(std::string source, std::function<void(std::vector<StreamProfile>)> callback);
  /// Works off what waits and ends the thread. A second call does nothing.
  void stop();

  [[nodiscard]] std::size_t queue_depth() const;
  [[nodiscard]] std::size_t streams() const { return stream_count_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t evicted() const { return evicted_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t processed() const { return processed_.load(std::memory_order_relaxed); }

 private:
  struct EventJob {
    Event event;
    EngineCallback callback;
  };
  using Order = std::function<void()>;
  using Job = std::variant<EventJob, Order>;
  struct Stream {
    StreamKey key;
    std::shared_ptr<const StreamSettings> settings;  ///< nullptr: the shard's options
    Pipeline pipeline;
    std::uint64_t events = 0;
    std::uint64_t windows = 0;
    std::uint64_t anomalies = 0;
  };

  void run();
  bool order(Order order);
  Result<EngineOutcome> process(const Event& event);
  Stream& stream_of(const StreamKey& key);
  void forget(const StreamKey& key);

  ShardOptions options_;       ///< the pipeline's: of the shard's thread alone
  std::list<Stream> streams_;  ///< most recently used first; of the shard's thread alone
  std::unordered_map<StreamKey, std::list<Stream>::iterator, StreamKeyHash> index_;
  std::unordered_map<std::string, std::shared_ptr<const StreamSettings>> settings_;  ///< by source, likewise
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
