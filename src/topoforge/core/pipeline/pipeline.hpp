#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "topoforge/base/matrix.hpp"
#include "topoforge/base/result.hpp"
#include "topoforge/core/diagram/persistence_diagram.hpp"
#include "topoforge/core/event/event.hpp"
#include "topoforge/core/pipeline/analysis.hpp"

/// Purpose: the whole way of one stream, event -> window -> cloud -> diagram -> features -> score -> verdict.
/// Thread safety: one owner at a time. Memory: bounded by the options, see memory_bytes().
namespace topoforge {

struct PipelineOptions {
  std::size_t window = 50;        ///< events in a window, kMinWindow to kMaxWindow
  std::size_t stride = 1;         ///< events between two analyses, at least 1
  std::size_t max_dimension = 2;  ///< of homology, 0 to 2
  /// 0: the first full window calibrates, and later clean windows refine it (bounded history).
  /// N > 0: the first N events calibrate, at once when the N-th has come; no verdict before it.
  std::size_t calibration_events = 0;
  double threshold = 0.5;  ///< anomaly score above which an event is an anomaly, in (0, 1)
  std::uint64_t seed = 42;
  std::vector<ThreatRule> threat_rules = default_threat_rules();
};
inline constexpr std::size_t kMinWindow = 2;
inline constexpr std::size_t kMaxWindow = 2048;

/// Refuses a value outside its range; the message names the option, the value and the range.
Result<void> validate(const PipelineOptions& options);

/// What became of one pushed event.
struct PushOutcome {
  std::uint64_t sequence = 0;            ///< number of the event in its stream, from 0
  bool duplicate = false;                ///< its id was seen before: not counted
  std::size_t imputed = 0;               ///< channels that the event lacks, carried forward
  std::size_t events_until_verdict = 0;  ///< 0 once calibrated
  std::optional<Analysis> analysis;      ///< when the stride asks for one and the stream is calibrated
};

class Pipeline {
 public:
  /// options must be valid (asserted).
  explicit Pipeline(PipelineOptions options);
  ~Pipeline();
  Pipeline(Pipeline&&) noexcept;
  Pipeline& operator=(Pipeline&&) noexcept;

  /// The first event names the channels. A later event may lack some (carried forward); one with an unknown channel
  /// is refused and leaves the pipeline as it was. Errors: those of validate(Event); invalid_data for channels.
  Result<PushOutcome> push(const Event& event);

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
