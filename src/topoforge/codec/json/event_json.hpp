#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>
#include <tl/expected.hpp>

#include "topoforge/base/result.hpp"
#include "topoforge/core/event/event.hpp"

/// Purpose: events to and from JSON.
///
/// An event is an object. Its channels are, in this order of choice:
///   {"value": x}                      one channel, "value"
///   {"values": {"name": x, ...}}      one channel a member; null is a missing value
///   {"type": "edit", "size": 12, ...} without the two above: each member of the top that is a number
/// Optional members: `timestamp` (ISO 8601 text, or a number of seconds, milliseconds, microseconds or nanoseconds
/// since 1970, by its magnitude), `source`, `entity` and `id` (text or whole number), `attributes` (an object; what is
/// no text in it is kept as its JSON text). null is as if the member were not there.
/// Any other member of the top that is text, number or boolean becomes an attribute, unless `attributes` has the name;
/// its text is cut to kMaxAttributeBytes (ending in "...") and it is left out when there are kMaxAttributes already or
/// its name is no attribute name; objects and arrays are left out.
/// Thread safety: pure.
namespace topoforge {

inline constexpr std::size_t kMaxEventBytes = 1 << 20;

/// What is wrong with an event and where. `type` is one of pydantic's words, a closed list: json_invalid, missing,
/// float_type, finite_number, string_type, dict_type, datetime_parsing, value_error, too_long.
struct EventError {
  std::vector<std::string> loc;  ///< path in the event, such as {"values", "cpu"}; empty: the event itself
  std::string message;           ///< "wanted a finite number, got text 'abc'"
  std::string type;
};

/// One line in a fixed form: "values.cpu: wanted a finite number, got text 'abc'"; without a path the message alone.
std::string to_string(const EventError& error);

tl::expected<Event, EventError> read_event(std::string_view json);
tl::expected<Event, EventError> read_event(const boost::json::value& json);

/// The same, with the error as invalid_data or limit_exceeded and to_string() as its message.
Result<Event> parse_event(std::string_view json);
Result<Event> event_from_json(const boost::json::value& json);

/// The JSON of its EventView. read_event() gives the event back.
boost::json::value event_to_json(const Event& event);

}  // namespace topoforge
