#include "topoforge/codec/json/event_model.hpp"

namespace topoforge {
namespace {

std::optional<std::string> unless_empty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

}  // namespace

EventView view_of(const Event& event) {
  EventView view{.source = unless_empty(event.stream.source),
                 .entity = unless_empty(event.stream.entity),
                 .id = unless_empty(event.id),
                 .timestamp = event.timestamp,
                 .values = {},
                 .attributes = std::nullopt};
  view.values.reserve(event.values.size());
  for (const Measurement& measurement : event.values) view.values.emplace_back(measurement.channel, measurement.value);
  if (!event.attributes.empty()) view.attributes = event.attributes;
  return view;
}

}  // namespace topoforge
