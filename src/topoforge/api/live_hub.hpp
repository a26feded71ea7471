#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>

#include "topoforge/codec/json/analysis_model.hpp"
#include "topoforge/core/event/event.hpp"
#include "topoforge/core/pipeline/analysis.hpp"
#include "topoforge/engine/shard.hpp"

/// Purpose: one event and what was said of it, and those who watch. Thread safety: the I/O thread alone.
namespace topoforge::api {

/// What the store keeps and people see of one event.
struct LiveAnalysis {
  Event event;
  EngineOutcome outcome;
  std::string anomaly_id;  ///< empty unless it was stored as an anomaly
};

enum class EventStatus {
  analyzed,
  buffering,  ///< the window fills
  duplicate,  ///< its id was seen
  between_strides,
  rejected,  ///< by its stream
};
BOOST_DESCRIBE_ENUM(EventStatus, analyzed, buffering, duplicate, between_strides, rejected)
EventStatus status_of(const LiveAnalysis& live);

/// The analysis of an event, with the anomaly that it was stored as.
struct LiveVerdict : AnalysisView {
  std::optional<std::string> anomaly_id;
  static constexpr auto model() {
    return model_extending<AnalysisView>("LiveVerdict", "What is said of the window that ends with this event",
                                         field(&LiveVerdict::anomaly_id, {.about = "Of an anomaly", .left_out = true}));
  }
};
BOOST_DESCRIBE_STRUCT(LiveVerdict, (AnalysisView), (anomaly_id))

/// `data` of the live message. threshold (0 to 1), where given, is put in the place of the server's.
using LiveData = std::variant<LiveVerdict, NoAnalysis>;
LiveData live_data(const LiveAnalysis& live, std::optional<double> threshold = std::nullopt);

class LiveSubscriber {
 public:
  virtual ~LiveSubscriber() = default;
  /// threshold of this view alone; nothing: the server's.
  [[nodiscard]] virtual std::optional<double> threshold() const = 0;
  /// Whether it wants to hear of the source.
  [[nodiscard]] virtual bool watches(const std::string& source) const = 0;
  virtual void receive(std::shared_ptr<const std::string> message) = 0;
};

class LiveHub {
 public:
  void join(LiveSubscriber& subscriber) { subscribers_.insert(&subscriber); }
  void leave(LiveSubscriber& subscriber) { subscribers_.erase(&subscriber); }
  [[nodiscard]] std::size_t size() const { return subscribers_.size(); }

  /// Sends the live message to every subscriber; of what is neither an analysis nor "buffering" the sender alone
  /// hears, and of a source that a subscriber does not watch he does not hear unless he sent the event. sender may be
  /// nullptr. Rendered once for all who have no threshold of their own.
  void publish(const LiveAnalysis& live, const LiveSubscriber* sender) const;

 private:
  std::set<LiveSubscriber*> subscribers_;
};

}  // namespace topoforge::api
