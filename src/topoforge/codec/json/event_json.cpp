#include "topoforge/codec/json/event_json.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "topoforge/codec/json/event_model.hpp"
#include "topoforge/codec/json/json_text.hpp"
#include "topoforge/codec/model/write_model.hpp"
#include "topoforge/codec/text/quote.hpp"
#include "topoforge/codec/text/timestamp.hpp"

namespace topoforge {
namespace {

using boost::json::object;
using boost::json::value;

using Check = std::optional<EventError>;

constexpr std::array<std::string_view, 7> kOwnMembers = {"value",  "values", "timestamp", "source",
                                                         "entity", "id",     "attributes"};

bool is_own_member(std::string_view name) {
  return std::find(kOwnMembers.begin(), kOwnMembers.end(), name) != kOwnMembers.end();
}

std::string_view text_of(const value& json) { return json.get_string(); }

/// The member, or nothing when it is not there or null.
const value* present(const object& event, std::string_view name) {
  const value* member = event.if_contains(name);
  return member == nullptr || member->is_null() ? nullptr : member;
}

Check check_name(std::vector<std::string> loc, std::string_view what, std::string_view name) {
  if (name.empty()) return EventError{std::move(loc), fmt::format("the name of {} is empty", what), "value_error"};
  if (name.size() <= kMaxNameBytes) return std::nullopt;
  loc.pop_back();
  return EventError{std::move(loc),
                    fmt::format("the name {} of {} is {} bytes long; at most {} are allowed", quote_text(name), what,
                                name.size(), kMaxNameBytes),
                    "too_long"};
}

/// Adds the measurement of one channel.
Check read_channel(std::vector<std::string> loc, std::string_view name, const value& json, Event& event) {
  if (Check wrong = check_name(loc, "a channel", name)) return wrong;
  if (!json.is_number()) {
    return EventError{std::move(loc), "wanted a finite number, got " + describe_json(json), "float_type"};
  }
  const double number = json.to_number<double>();
  if (!std::isfinite(number) || std::abs(number) > kMaxAbsoluteValue) {
    return EventError{
        std::move(loc),
        fmt::format("wanted a number of magnitude at most {}, got {}", kMaxAbsoluteValue, print_json(json)),
        "finite_number"};
  }
  if (event.values.size() == kMaxChannels) {
    loc.pop_back();
    return EventError{std::move(loc), fmt::format("more than {} channels", kMaxChannels), "too_long"};
  }
  event.values.push_back({std::string(name), number});
  return std::nullopt;
}

Check read_values(const value& json, Event& event) {
  const object* members = json.if_object();
  if (members == nullptr) {
    return EventError{{"values"}, "wanted an object of numbers, got " + describe_json(json), "dict_type"};
  }
  for (const auto& member : *members) {
    if (member.value().is_null()) continue;
    const std::string_view name = member.key();
    if (Check wrong = read_channel({"values", std::string(name)}, name, member.value(), event)) return wrong;
  }
  if (!event.values.empty()) return std::nullopt;
  return EventError{{"values"}, "wanted at least one number, got none", "value_error"};
}

Check read_channels(const object& json, Event& event) {
  const value* single = present(json, "value");
  const value* several = present(json, "values");
  if (single != nullptr && several != nullptr) {
    return EventError{{"value"}, "wanted 'value' or 'values', got both", "value_error"};
  }
  if (several != nullptr) return read_values(*several, event);
  if (single != nullptr) return read_channel({"value"}, "value", *single, event);
  for (const auto& member : json) {
    const std::string_view name = member.key();
    if (!member.value().is_number() || is_own_member(name)) continue;
    if (Check wrong = read_channel({std::string(name)}, name, member.value(), event)) return wrong;
  }
  if (!event.values.empty()) return std::nullopt;
  return EventError{
      {}, "wanted 'value' (a number), 'values' (an object of numbers) or a member that is a number", "missing"};
}

/// `source`, `entity` and `id`: text or a whole number.
Check read_name(const object& json, std::string_view member, std::string& name) {
  const value* given = present(json, member);
  if (given == nullptr) return std::nullopt;
  if (given->is_string()) {
    name = text_of(*given);
  } else if (given->is_int64() || given->is_uint64()) {
    name = print_json(*given);
  } else {
    return EventError{
        {std::string(member)}, "wanted text or a whole number, got " + describe_json(*given), "string_type"};
  }
  if (name.size() <= kMaxNameBytes) return std::nullopt;
  return EventError{{std::string(member)},
                    fmt::format("{} bytes long; at most {} are allowed", name.size(), kMaxNameBytes),
                    "too_long"};
}

Check read_timestamp(const object& json, Event& event) {
  const value* given = present(json, "timestamp");
  if (given == nullptr) return std::nullopt;
  Result<Timestamp> time = fail(ErrorCode::invalid_data, "");
  if (given->is_string()) {
    time = parse_iso_timestamp(text_of(*given)).map([](const IsoTimestamp& iso) { return iso.time; });
  } else if (given->is_int64()) {
    time = timestamp_from_epoch(given->get_int64());
  } else if (given->is_number()) {
    time = timestamp_from_epoch(given->to_number<double>());
  } else {
    time = fail(ErrorCode::invalid_data, "wanted ISO 8601 text or an epoch number, got " + describe_json(*given));
  }
  if (!time) return EventError{{"timestamp"}, time.error().message, "datetime_parsing"};
  event.timestamp = *time;
  return std::nullopt;
}

std::string attribute_text(const value& json) {
  return json.is_string() ? std::string(text_of(json)) : print_json(json);
}

Check read_attributes(const object& json, Event& event) {
  const value* given = present(json, "attributes");
  if (given == nullptr) return std::nullopt;
  const object* members = given->if_object();
  if (members == nullptr)
    return EventError{{"attributes"}, "wanted an object, got " + describe_json(*given), "dict_type"};
  if (members->size() > kMaxAttributes) {
    return EventError{{"attributes"},
                      fmt::format("{} attributes; at most {} are allowed", members->size(), kMaxAttributes),
                      "too_long"};
  }
  for (const auto& member : *members) {
    const std::string_view name = member.key();
    std::vector<std::string> loc = {"attributes", std::string(name)};
    if (Check wrong = check_name(loc, "an attribute", name)) return wrong;
    std::string text = attribute_text(member.value());
    if (text.size() > kMaxAttributeBytes) {
      return EventError{std::move(loc),
                        fmt::format("{} bytes long; at most {} are allowed", text.size(), kMaxAttributeBytes),
                        "too_long"};
    }
    event.attributes.emplace_back(std::string(name), std::move(text));
  }
  return std::nullopt;
}

std::string cut_to_attribute(std::string text) {
  constexpr std::string_view kMark = "...";
  if (text.size() <= kMaxAttributeBytes) return text;
  return std::string(utf8_prefix(text, kMaxAttributeBytes - kMark.size())).append(kMark);
}

/// The members that are none of the event's own, where they are scalar.
void keep_other_members(const object& json, bool numbers_are_channels, Event& event) {
  const std::size_t named = event.attributes.size();
  for (const auto& member : json) {
    const std::string_view name = member.key();
    const value& other = member.value();
    if (is_own_member(name) || other.is_structured() || other.is_null()) continue;
    if (numbers_are_channels && other.is_number()) continue;
    if (name.empty() || name.size() > kMaxNameBytes || event.attributes.size() == kMaxAttributes) continue;
    const auto end_of_named = event.attributes.begin() + static_cast<std::ptrdiff_t>(named);
    const bool twice = std::any_of(event.attributes.begin(), end_of_named,
                                   [&](const auto& attribute) { return attribute.first == name; });
    if (!twice) event.attributes.emplace_back(std::string(name), cut_to_attribute(attribute_text(other)));
  }
}

Result<Event> as_result(tl::expected<Event, EventError> read) {
  if (read) return std::move(*read);
  const ErrorCode code = read.error().type == "too_long" ? ErrorCode::limit_exceeded : ErrorCode::invalid_data;
  return fail(code, to_string(read.error()));
}

}  // namespace

std::string to_string(const EventError& error) {
  if (error.loc.empty()) return error.message;
  std::string path = quote_text(join_location(error.loc));
  // The quotes serve odd names alone: "values.cpu: ..." reads better.
  if (path.find('\\') == std::string::npos) path = path.substr(1, path.size() - 2);
  return path + ": " + error.message;
}

tl::expected<Event, EventError> read_event(std::string_view json) {
  if (json.size() > kMaxEventBytes) {
    return tl::unexpected(
        EventError{{},
                   fmt::format("the event is {} bytes long; at most {} are allowed", json.size(), kMaxEventBytes),
                   "too_long"});
  }
  auto parsed = parse_json(json);
  if (!parsed) {
    return tl::unexpected(EventError{texts_of(parsed.error().loc), std::move(parsed.error().message), "json_invalid"});
  }
  return read_event(*parsed);
}

tl::expected<Event, EventError> read_event(const boost::json::value& json) {
  const object* members = json.if_object();
  if (members == nullptr) {
    return tl::unexpected(EventError{{}, "wanted an object, got " + describe_json(json), "dict_type"});
  }
  Event event;
  Check wrong = read_channels(*members, event);
  if (!wrong) wrong = read_name(*members, "source", event.stream.source);
  if (!wrong) wrong = read_name(*members, "entity", event.stream.entity);
  if (!wrong) wrong = read_name(*members, "id", event.id);
  if (!wrong) wrong = read_timestamp(*members, event);
  if (!wrong) wrong = read_attributes(*members, event);
  if (wrong) return tl::unexpected(std::move(*wrong));
  const bool numbers_are_channels = present(*members, "value") == nullptr && present(*members, "values") == nullptr;
  keep_other_members(*members, numbers_are_channels, event);
  return event;
}

Result<Event> parse_event(std::string_view json) { return as_result(read_event(json)); }

Result<Event> event_from_json(const boost::json::value& json) { return as_result(read_event(json)); }

boost::json::value event_to_json(const Event& event) { return write_model(view_of(event)); }

}  // namespace topoforge
