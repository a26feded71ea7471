#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <boost/json/object.hpp>

#include "topoforge/codec/model/model.hpp"
#include "topoforge/core/event/event.hpp"

/// Purpose: events as they are written, and the schema of those that are read. Thread safety: values and pure
/// functions.
namespace topoforge {

/// As an event is written: without what is empty.
struct EventView {
  std::optional<std::string> source;
  std::optional<std::string> entity;
  std::optional<std::string> id;
  std::optional<Timestamp> timestamp;
  std::vector<std::pair<std::string, double>> values;
  std::optional<std::vector<std::pair<std::string, std::string>>> attributes;
  static constexpr auto model() {
    return topoforge::model("OriginalEvent", "An event as it came in", field(&EventView::source, {.left_out = true}),
                            field(&EventView::entity, {.left_out = true}), field(&EventView::id, {.left_out = true}),
                            field(&EventView::timestamp, {.left_out = true}),
                            field(&EventView::values, {.about = "By channel"}),
                            field(&EventView::attributes, {.left_out = true}));
  }
};
BOOST_DESCRIBE_STRUCT(EventView, (), (source, entity, id, timestamp, values, attributes))

EventView view_of(const Event& event);

/// For the schema alone: read_event() (event_json.hpp) takes what it describes, and says better what is wrong.
struct EventInput {
  using Name = std::variant<std::string, std::int64_t>;
  std::optional<double> value;
  std::optional<std::map<std::string, std::optional<double>>> values;
  std::optional<Timestamp> timestamp;
  std::optional<Name> source;
  std::optional<Name> entity;
  std::optional<boost::json::object> attributes;
  std::optional<Name> id;
  static constexpr auto model() {
    return topoforge::model(
        "Event",
        "Either `value` or `values`; without both, each other member that is a number is a channel. Other members that "
        "are text, number or boolean become attributes.",
        field(&EventInput::value,
              {.about = "Of the one channel \"value\"", .least = -kMaxAbsoluteValue, .most = kMaxAbsoluteValue}),
        field(&EventInput::values, {.about = "By channel; null is a missing value",
                                    .least = -kMaxAbsoluteValue,
                                    .most = kMaxAbsoluteValue,
                                    .min_length = 1,
                                    .max_length = kMaxChannels}),
        field(&EventInput::timestamp,
              {.about = "ISO 8601, or seconds, milliseconds, microseconds or nanoseconds since 1970; without it, now"}),
        field(&EventInput::source, {.about = "Events of one source and entity are one stream",
                                    .max_length = kMaxNameBytes,
                                    .example = "web-1"}),
        field(&EventInput::entity, {.max_length = kMaxNameBytes}),
        field(&EventInput::attributes, {.about = "Kept with the event, not analysed"}),
        field(&EventInput::id,
              {.about = "An event whose id was there before is not counted twice", .max_length = kMaxNameBytes}));
  }
};
BOOST_DESCRIBE_STRUCT(EventInput, (), (value, values, timestamp, source, entity, attributes, id))

}  // namespace topoforge
