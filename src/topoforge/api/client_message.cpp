#include "topoforge/api/client_message.hpp"

#include <string>
#include <utility>

#include <boost/json/object.hpp>

#include "topoforge/codec/json/json_text.hpp"

namespace topoforge::api {
namespace {

using boost::json::object;
using boost::json::value;

tl::unexpected<Details> wrong(Detail detail) { return tl::unexpected<Details>(Details{std::move(detail)}); }

tl::expected<ClientMessage, Details> read_event_at(const value& json, std::vector<value> place) {
  auto event = read_event(json);
  if (!event) return wrong(event_detail(std::move(place), event.error()));
  return std::move(*event);
}

tl::expected<ClientMessage, Details> read_config(const value& payload) {
  const object* const members = payload.if_object();
  if (members == nullptr) {
    return wrong({.loc = {"body", "payload"}, .message = "wanted an object", .type = "dict_type"});
  }
  const std::vector<value> place = {"body", "payload", "anomaly_threshold"};
  const value* const threshold = members->if_contains("anomaly_threshold");
  if (threshold == nullptr) {
    return wrong({.loc = place, .message = "wanted a number from 0 to 100", .type = "missing"});
  }
  if (!threshold->is_number()) {
    return wrong({.loc = place, .message = "wanted a number from 0 to 100", .type = "float_type"});
  }
  const double percent = threshold->to_number<double>();
  if (!(percent >= 0.0 && percent <= 100.0)) {
    return wrong({.loc = place,
                  .message = "wanted a number from 0 to 100, got " + print_json(*threshold),
                  .type = "value_error"});
  }
  return ClientConfig{.anomaly_threshold = percent};
}

}  // namespace

tl::expected<ClientMessage, Details> read_client_message(std::string_view text) {
  const auto json = parse_json(text);
  if (!json) {
    Detail detail{.loc = {"body"}, .message = json.error().message, .type = "json_invalid"};
    for (const std::string& step : json.error().loc) detail.loc.emplace_back(step);
    return wrong(std::move(detail));
  }
  if (const object* const message = json->if_object()) {
    const value* const type = message->if_contains("type");
    const value* const payload = message->if_contains("payload");
    if (type != nullptr && type->is_string() && payload != nullptr) {
      if (type->get_string() == "event") return read_event_at(*payload, {"body", "payload"});
      if (type->get_string() == "config") return read_config(*payload);
    }
  }
  return read_event_at(*json, {"body"});
}

}  // namespace topoforge::api
