#include "topoforge/api/anomaly_routes.hpp"

#include <charconv>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "topoforge/api/ingest_route.hpp"
#include "topoforge/codec/json/analysis_json.hpp"
#include "topoforge/codec/json/event_json.hpp"
#include "topoforge/codec/json/json_text.hpp"
#include "topoforge/codec/text/timestamp.hpp"

namespace topoforge::api {
namespace {

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// Puts the query value into the target, or says what is wrong with it.
template <class Number, class Target>
void read_parameter(const http::Request& request, const char* name, Number least, Number most, const char* kind,
                    Target& target, std::vector<Detail>& wrong) {
  const auto text = request.query_value(name);
  if (!text) return;
  const auto number = parse_number<Number>(*text);
  if (number && *number >= least && *number <= most) {
    target = *number;
    return;
  }
  wrong.push_back({.loc = {"query", name},
                   .message = fmt::format("wanted {} from {} to {}", kind, least, most),
                   .type = number                                 ? "value_error"
                           : kind == std::string_view("a number") ? "float_parsing"
                                                                  : "int_parsing"});
}

boost::json::object to_json(const StoredAnomaly& anomaly) {
  boost::json::object json = analysis_to_json(anomaly.analysis).as_object();
  json["id"] = anomaly.id;
  json["stored_at"] = format_timestamp(anomaly.stored_at);
  json["original_event"] = anomaly.event ? event_to_json(*anomaly.event) : boost::json::value(nullptr);
  return json;
}

}  // namespace

tl::expected<AnomalyQuery, std::vector<Detail>> read_anomaly_query(const http::Request& request) {
  AnomalyQuery query;
  std::vector<Detail> wrong;
  read_parameter<std::size_t>(request, "page", 1, kMaxAnomalyPage, "a whole number", query.page, wrong);
  read_parameter<std::size_t>(request, "limit", 1, kMaxAnomalyLimit, "a whole number", query.limit, wrong);
  read_parameter<double>(request, "min_score", 0.0, 1.0, "a number", query.filter.min_score, wrong);
  if (const auto source = request.query_value("source")) query.filter.source = std::string(*source);
  if (!wrong.empty()) return tl::unexpected<std::vector<Detail>>(std::move(wrong));
  return query;
}

http::Task<http::Response> list_anomalies(Services& services, const http::Request& request) {
  const auto query = read_anomaly_query(request);
  if (!query) co_return unprocessable(query.error());
  auto list = [store = &services.store, &query] { return store->list(*query); };
  const Result<AnomalyPage> page = co_await http::run_on(services.storage_pool, std::move(list));
  if (!page) co_return failure_response(page.error());
  auto render = [&page, &query] {
    boost::json::array data;
    for (const StoredAnomaly& anomaly : page->data) data.push_back(to_json(anomaly));
    return print_json(boost::json::object{
        {"data", std::move(data)}, {"page", query->page}, {"limit", query->limit}, {"total", page->total}});
  };
  std::string body = co_await http::run_on(services.work_pool, std::move(render));
  co_return http::Response{.status = 200, .body = std::move(body)};
}

http::Task<http::Response> get_anomaly(Services& services, const http::Request& request) {
  const std::string id(request.parameter("id"));
  auto get = [store = &services.store, &id] { return store->get(id); };
  const Result<StoredAnomaly> anomaly = co_await http::run_on(services.storage_pool, std::move(get));
  co_return anomaly                              ? http::Response{.status = 200, .body = print_json(to_json(*anomaly))}
  : anomaly.error().code == ErrorCode::not_found ? http::error_response(404, "Anomaly not found")
                                                 : failure_response(anomaly.error());
}

}  // namespace topoforge::api
