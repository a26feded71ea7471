#include "topoforge/api/client_message.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <boost/json/array.hpp>
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

tl::expected<double, Details> read_threshold(const value& threshold) {
  const std::vector<value> place = {"body", "payload", "anomaly_threshold"};
  if (!threshold.is_number()) {
    return tl::unexpected(Details{{.loc = place, .message = "wanted a number from 0 to 100", .type = "float_type"}});
  }
  const double percent = threshold.to_number<double>();
  if (percent >= 0.0 && percent <= 100.0) return percent;
  return tl::unexpected(Details{
      {.loc = place, .message = "wanted a number from 0 to 100, got " + print_json(threshold), .type = "value_error"}});
}

tl::expected<std::vector<std::string>, Details> read_sources(const value& sources) {
  std::vector<std::string> names;
  if (sources.is_null()) return names;
  const auto* const list = sources.if_array();
  const auto is_text = [](const value& item) { return item.is_string(); };
  if (list == nullptr || list->size() > kMaxWatchedSources || !std::ranges::all_of(*list, is_text)) {
    return tl::unexpected(Details{{.loc = {"body", "payload", "sources"},
                                   .message = fmt::format("wanted null, or at most {} names", kMaxWatchedSources),
                                   .type = "list_type"}});
  }
  for (const value& item : *list) names.emplace_back(item.get_string());
  return names;
}

tl::expected<ClientMessage, Details> read_config(const value& payload) {
  const object* const members = payload.if_object();
  if (members == nullptr) {
    return wrong({.loc = {"body", "payload"}, .message = "wanted an object", .type = "dict_type"});
  }
  ClientConfig config;
  if (const value* const threshold = members->if_contains("anomaly_threshold")) {
    const auto percent = read_threshold(*threshold);
    if (!percent) return tl::unexpected(percent.error());
    config.anomaly_threshold = *percent;
  }
  if (const value* const sources = members->if_contains("sources")) {
    auto names = read_sources(*sources);
    if (!names) return tl::unexpected(std::move(names.error()));
    config.sources = std::move(*names);
  }
  if (!config.anomaly_threshold && !config.sources) {
    return wrong({.loc = {"body", "payload", "anomaly_threshold"},
                  .message = "wanted a number from 0 to 100, or sources beside it",
                  .type = "missing"});
  }
  return config;
}

}  // namespace

tl::expected<ClientMessage, Details> read_client_message(std::string_view text) {
  const auto json = parse_json(text);
  if (!json) {
    Detail detail{.loc = {"body"}, .message = json.error().message, .type = "json_invalid"};
    detail.loc.insert(detail.loc.end(), json.error().loc.begin(), json.error().loc.end());
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
