#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "topoforge/base/result.hpp"
#include "topoforge/core/event/event.hpp"
#include "topoforge/core/pipeline/pipeline.hpp"
#include "topoforge/engine/background_pool.hpp"
#include "topoforge/engine/shard.hpp"

/// Purpose: many streams at once. An event goes by the hash of its stream to one of the shards, so that a stream has
/// one owner, its events stay in order, and its analyses are the same at any number of shards (as long as max_streams
/// is not met). Thread safety: every member function from any thread.
namespace topoforge {

struct EngineOptions {
  PipelineOptions pipeline;
  std::size_t shards = 0;          ///< threads; 0: one a processor; at most kMaxShards
  std::size_t queue_limit = 4096;  ///< events that wait in one shard; beyond it submit() refuses
  std::size_t max_streams = 1024;  ///< over all shards in equal parts; beyond it the least recently used is let go
};
inline constexpr std::size_t kMaxShards = 256;

/// Refuses a value outside its range; the message names it.
Result<void> validate(const EngineOptions& options);

struct EngineStatus {
  std::size_t shards = 0;
  std::size_t streams = 0;
  std::size_t queue_depth = 0;
  std::uint64_t processed = 0;  ///< events
  std::uint64_t evicted = 0;    ///< streams
};

class Engine {
 public:
  /// options must be valid (asserted). The pipelines measure their diagrams by the steady clock.
  explicit Engine(EngineOptions options);

  /// The callback runs on the shard's thread and must be quick. Errors: unavailable when the shard's queue is full or
  /// the engine stops; the callback is then not called. What the pipeline refuses arrives in the callback.
  Result<void> submit(Event event, EngineCallback callback);
  /// Streams of these sources begin anew, for the events that are submitted later, looked at as the settings say, whose
  /// pipeline options must be valid (asserted); nothing: by the engine's options.
  void configure(const std::vector<std::string>& sources, std::optional<StreamSettings> settings);
  /// Of all streams without settings, from the next event on; in (0, 1), asserted. It lasts until the engine ends.
  void set_threshold(double threshold);
  /// Calls back once, on a shard's thread, with the streams of these sources, by their keys. Errors: unavailable when
  /// the engine stops; the callback is then not called.
  Result<void> profile(const std::vector<std::string>& sources,
                       std::function<void(std::vector<StreamProfile>)> callback);
  /// Works off what waits, calls back, ends the threads. Also done by the destructor.
  void stop();

  [[nodiscard]] EngineStatus status() const;
  [[nodiscard]] const EngineOptions& options() const { return options_; }

 private:
  EngineOptions options_;
  BackgroundPool background_;  ///< outlives the shards, whose streams use it
  std::vector<std::unique_ptr<Shard>> shards_;
};

}  // namespace topoforge
