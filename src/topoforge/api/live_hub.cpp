#include "topoforge/api/live_hub.hpp"

#include <vector>

#include <boost/json/object.hpp>

#include "topoforge/codec/json/analysis_json.hpp"

namespace topoforge::api {

std::string_view status_of(const LiveAnalysis& live) {
  const PushOutcome& push = live.outcome.push;
  if (push.analysis) return "analyzed";
  if (push.duplicate) return "duplicate";
  return push.events_until_verdict > 0 ? "buffering" : "between_strides";
}

boost::json::value live_data(const LiveAnalysis& live, std::optional<double> threshold) {
  const PushOutcome& push = live.outcome.push;
  if (!push.analysis) {
    boost::json::value data = buffering_to_json(live.outcome.buffered);
    boost::json::object& members = data.as_object();
    members["status"] = status_of(live);
    if (push.events_until_verdict > 0) members["events_until_verdict"] = push.events_until_verdict;
    return data;
  }
  boost::json::value data = analysis_to_json(*push.analysis);
  boost::json::object& members = data.as_object();
  if (!live.anomaly_id.empty()) members["anomaly_id"] = live.anomaly_id;
  if (threshold) {
    members["threshold"] = *threshold;
    members["is_anomaly"] = push.analysis->anomaly_score > *threshold;
  }
  return data;
}

void LiveHub::publish(const LiveAnalysis& live, const LiveSubscriber* sender) const {
  const bool for_all = live.outcome.push.analysis || status_of(live) == "buffering";
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
