#include "topoforge/api/anomaly_routes.hpp"

#include <optional>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "topoforge/codec/json/analysis_json.hpp"
#include "topoforge/codec/json/event_json.hpp"
#include "topoforge/codec/text/timestamp.hpp"

namespace topoforge::api {
namespace {

struct AnomalySearch {
  std::optional<std::string> source;
  std::optional<double> min_score;
  std::uint64_t page = 1;
  std::uint64_t limit = 100;
  static constexpr auto model() {
    return topoforge::model(
        "AnomalySearch", "Which anomalies", field(&AnomalySearch::source, {.about = "Of this source alone"}),
        field(&AnomalySearch::min_score, {.about = "Least anomaly_score", .least = 0, .most = 1}),
        field(&AnomalySearch::page, {.about = "Page, from 1", .least = 1, .most = kMaxAnomalyPage, .has_default = true}),
        field(&AnomalySearch::limit,
              {.about = "Anomalies on a page", .least = 1, .most = kMaxAnomalyLimit, .has_default = true}));
  }
};
BOOST_DESCRIBE_STRUCT(AnomalySearch, (), (source, min_score, page, limit))

boost::json::object to_json(const StoredAnomaly& anomaly) {
  boost::json::object json = analysis_to_json(anomaly.analysis).as_object();
  json["id"] = anomaly.id;
  json["stored_at"] = format_timestamp(anomaly.stored_at);
  json["original_event"] = event_to_json(anomaly.event);
  return json;
}

http::Task<Reply<http::Response>> list(const Services& services, const AnomalySearch& search) {
  const AnomalyQuery query{
      .page = search.page, .limit = search.limit, .source = search.source, .min_score = search.min_score};
  auto list = [store = &services.store, &query] { return store->list(query); };
  const Result<AnomalyPage> page = co_await http::run_on(services.storage_pool, std::move(list));
  if (!page) co_return tl::unexpected(problem_of(page.error()));
  auto render = [&page, &query] {
    boost::json::array data;
    for (const StoredAnomaly& anomaly : page->data) data.push_back(to_json(anomaly));
    return print_json(boost::json::object{
        {"data", std::move(data)}, {"page", query.page}, {"limit", query.limit}, {"total", page->total}});
  };
  std::string body = co_await http::run_on(services.work_pool, std::move(render));
  co_return http::Response{.status = 200, .body = std::move(body)};
}

http::Task<Reply<boost::json::object>> get(const Services& services, std::string id) {
  auto get = [store = &services.store, id = std::move(id)] { return store->get(id); };
  const Result<StoredAnomaly> anomaly = co_await http::run_on(services.storage_pool, std::move(get));
  if (!anomaly) co_return tl::unexpected(problem_of(anomaly.error()));
  co_return to_json(*anomaly);
}

}  // namespace

void add_anomaly_routes(RouteTable& routes, Services& services) {
  routes.add({.method = "GET", .path = "/api/anomalies/", .tag = "anomalies", .summary = "List anomalies, newest first"},
             [&services](const Call&, Query<AnomalySearch> search) -> http::Task<Reply<http::Response>> {
               co_return co_await list(services, *search);
             });
  routes.add(
      {.method = "GET", .path = "/api/anomalies/{id}", .tag = "anomalies", .summary = "One anomaly", .errors = {404}},
      [&services](const Call& call) { return get(services, std::string(call.request.parameter("id"))); });
}

}  // namespace topoforge::api
