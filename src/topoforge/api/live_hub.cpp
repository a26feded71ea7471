#include "topoforge/api/live_hub.hpp"

#include <utility>
#include <vector>

#include "topoforge/codec/json/analysis_json.hpp"

namespace topoforge::api {

EventStatus status_of(const LiveAnalysis& live) {
  const PushOutcome& push = live.outcome.push;
  if (push.analysis) return EventStatus::analyzed;
  if (push.duplicate) return EventStatus::duplicate;
  return push.events_until_verdict > 0 ? EventStatus::buffering : EventStatus::between_strides;
}

LiveData live_data(const LiveAnalysis& live, std::optional<double> threshold) {
  const PushOutcome& push = live.outcome.push;
  if (!push.analysis) {
    NoAnalysis data{.status = std::string(enum_text(status_of(live))), .count = live.outcome.buffered};
    if (push.events_until_verdict > 0) data.events_until_verdict = push.events_until_verdict;
    return data;
  }
  LiveVerdict data;
  static_cast<AnalysisView&>(data) = view_of(*push.analysis);
  if (!live.anomaly_id.empty()) data.anomaly_id = live.anomaly_id;
  if (threshold) {
    data.threshold = *threshold;
    data.is_anomaly = data.anomaly_score > *threshold;
  }
  return data;
}

void LiveHub::publish(const LiveAnalysis& live, const LiveSubscriber* sender) const {
  const bool for_all = live.outcome.push.analysis || status_of(live) == EventStatus::buffering;
  std::shared_ptr<const std::string> common;
  // receive() may make a subscriber leave.
  const std::vector<LiveSubscriber*> receivers(subscribers_.begin(), subscribers_.end());
  for (LiveSubscriber* const receiver : receivers) {
    if (receiver != sender && (!for_all || !receiver->watches(live.event.stream.source))) continue;
    const std::optional<double> threshold = receiver->threshold();
    if (threshold && live.outcome.push.analysis) {
      receiver->receive(std::make_shared<std::string>(live_message(live_data(live, threshold), live.event)));
      continue;
    }
    if (!common) common = std::make_shared<std::string>(live_message(live_data(live), live.event));
    receiver->receive(common);
  }
}

}  // namespace topoforge::api
