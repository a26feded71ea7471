#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "topoforge/base/matrix.hpp"
#include "topoforge/base/result.hpp"
#include "topoforge/core/cloud/window_cloud.hpp"
#include "topoforge/core/diagram/persistence_diagram.hpp"
#include "topoforge/core/event/event.hpp"
#include "topoforge/core/pipeline/analysis.hpp"
#include "topoforge/core/pipeline/background_work.hpp"

/// Purpose: the whole way of one stream, event -> window -> cloud -> diagram -> features -> score -> verdict.
/// Thread safety: one owner at a time. Memory: bounded by the options, see memory_bytes().
namespace topoforge {

/// Which way the leading channel must have moved for an anomaly.
enum class Direction { both, above, below };

struct PipelineOptions {
  std::size_t window = 50;        ///< events in a window, kMinWindow to kMaxWindow
  std::size_t stride = 1;         ///< events between two analyses, at least 1
  std::size_t max_dimension = 2;  ///< of homology, 0 to 2
  /// 0: the first full window calibrates, and later clean windows refine it (bounded history).
  /// N > 0: the first N events calibrate, at once when the N-th has come; no verdict before it.
  std::size_t calibration_events = 0;
  double threshold = 0.5;  ///< anomaly score above which an event is an anomaly, in (0, 1)
  std::uint64_t seed = 42;
  /// Of an event these alone are looked at, and the first event must have them all; none: those of the first event.
  std::vector<std::string> channels = {};
  Direction direction = Direction::both;
  std::size_t embedding_dimension = kDefaultEmbeddingDimension;  ///< of a single channel, 1 to kMaxEmbeddingDimension
  std::size_t embedding_lag = 0;                                 ///< in events, below window; 0: chosen by the data
  std::vector<ThreatRule> threat_rules = default_threat_rules();
  /// Monotone time, where the time that diagrams take is to be told.
  std::chrono::nanoseconds (*stopwatch)() = nullptr;
  /// Of models, which are fitted while the stream goes on; without it, in steps between its events. The verdicts are
  /// the same.
  StartBackgroundWork start_background_work = nullptr;
};
inline constexpr std::size_t kMinWindow = 2;
inline constexpr std::size_t kMaxWindow = 2048;
inline constexpr std::size_t kMaxEmbeddingDimension = 16;

/// Refuses a value outside its range; the message names the option, the value and the range.
Result<void> validate(const PipelineOptions& options);

/// What became of one pushed event.
struct PushOutcome {
  std::uint64_t sequence = 0;                ///< number of the event in its stream, from 0
  bool duplicate = false;                    ///< its id was seen before: not counted
  bool late = false;                         ///< its timestamp is before that of the event before it
  std::size_t imputed = 0;                   ///< channels that the event lacks, carried forward
  std::size_t events_until_verdict = 0;      ///< 0 once calibrated
  std::optional<Analysis> analysis;          ///< when the stride asks for one and the stream is calibrated
  std::chrono::nanoseconds diagram_time{0};  ///< of the analysis, by the stopwatch
};

class Pipeline {
 public:
  /// options must be valid (asserted).
  explicit Pipeline(PipelineOptions options);
  ~Pipeline();
  Pipeline(Pipeline&&) noexcept;
  Pipeline& operator=(Pipeline&&) noexcept;

  /// The first event names the channels, unless the options do. A later event may lack some (carried forward); one with
  /// an unknown channel, or none of the options' channels, is refused and leaves the pipeline as it was.
  /// Errors: those of validate(Event); invalid_data for channels.
  Result<PushOutcome> push(const Event& event);

  /// Events until there is a verdict; 0 once calibrated.
  [[nodiscard]] std::size_t events_until_verdict() const;
  /// Of the newest model, see Analysis::confidence; 0 before there is one.
  [[nodiscard]] double confidence() const;
  /// Events in the window now, at most options.window.
  [[nodiscard]] std::size_t buffered() const;
  [[nodiscard]] const std::vector<std::string>& channels() const;
  /// Diagram of the last analysis; empty before it.
  [[nodiscard]] const PersistenceDiagram& diagram() const;
  /// The window now, oldest row first.
  [[nodiscard]] Matrix window() const;
  void set_threshold(double threshold);  ///< in (0, 1), asserted
  [[nodiscard]] const PipelineOptions& options() const;
  [[nodiscard]] std::size_t memory_bytes() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace topoforge
