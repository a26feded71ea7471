#include "topoforge/api/ingest_routes.hpp"

#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "topoforge/api/ingest_body.hpp"
#include "topoforge/codec/json/json_text.hpp"

namespace topoforge::api {
namespace {

using boost::json::object;

constexpr const char* kDescription =
    "One event, a JSON array of events, or NDJSON (one event a line). All or nothing: one event that cannot be read "
    "refuses the body. An event is `{\"value\": x}` or `{\"values\": {\"name\": x}}` with optional `timestamp`, "
    "`source`, `entity`, `attributes` and `id`.";

struct Counts {
  std::size_t accepted = 0;
  std::size_t rejected = 0;
  std::size_t buffered = 0;
  std::size_t anomalies = 0;
};

object result_of(const LiveAnalysis& live, std::size_t index, bool full, Counts& counts) {
  const PushOutcome& push = live.outcome.push;
  object result{{"index", index},
                {"status", status_of(live)},
                {"source", live.event.stream.source},
                {"entity", live.event.stream.entity},
                {"sequence", push.sequence}};
  ++counts.accepted;
  if (status_of(live) == "buffering") ++counts.buffered;
  if (push.analysis) {
    const Analysis& analysis = *push.analysis;
    if (analysis.is_anomaly) ++counts.anomalies;
    result["anomaly_score"] = analysis.anomaly_score;
    result["p_value"] = analysis.p_value;
    result["is_anomaly"] = analysis.is_anomaly;
    result["risk_level"] = to_string(analysis.risk_level);
    if (!live.anomaly_id.empty()) result["anomaly_id"] = live.anomaly_id;
  }
  if (full) result["data"] = live_data(live);
  return result;
}

/// Written as text piece by piece: a hundred thousand results need no tree of values.
http::Response answer(const std::vector<IngestedEvent>& events) {
  Counts counts;
  std::string results;
  const bool full = events.size() <= kFullResults;
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (i > 0) results.push_back(',');
    const auto& live = events[i].live;
    if (live) {
      results += print_json(result_of(*live, i, full, counts));
    } else {
      ++counts.rejected;
      results += print_json(object{{"index", i}, {"status", "rejected"}, {"error", live.error().message}});
    }
  }
  return {.status = 200,
          .body = fmt::format(R"({{"accepted":{},"rejected":{},"buffered":{},"anomalies":{},"results":[{}]}})",
                              counts.accepted, counts.rejected, counts.buffered, counts.anomalies, results)};
}

/// What the streams say where not one event was taken in.
Problem all_rejected(const std::vector<IngestedEvent>& events, bool single) {
  Details details;
  for (std::size_t i = 0; i < events.size() && i < kMaxReportedErrors; ++i) {
    Detail detail{.loc = {"body"}, .message = events[i].live.error().message, .type = "value_error"};
    if (!single) detail.loc.emplace_back(i);
    detail.loc.emplace_back("values");
    details.push_back(std::move(detail));
  }
  return unprocessable(details);
}

bool none_accepted(const std::vector<IngestedEvent>& events) {
  for (const IngestedEvent& event : events) {
    if (event.live) return false;
  }
  return true;
}

http::Task<Reply<http::Response>> ingest(Services& services, const http::Request& request) {
  const std::string_view type = request.header("Content-Type");
  using Body = tl::expected<IngestBody, Details>;
  Body body;
  if (request.body.size() <= kQuickBodyBytes) {
    body = read_ingest_body(request.body, type);
  } else {
    auto read = [&request, type] { return read_ingest_body(request.body, type); };
    body = co_await http::run_on(services.work_pool, std::move(read));
  }
  if (!body) co_return tl::unexpected(unprocessable(body.error()));
  const auto events = co_await services.ingestor.ingest(std::move(body->events), {});
  if (!events) co_return tl::unexpected(problem_of(events.error()));
  if (none_accepted(*events)) co_return tl::unexpected(all_rejected(*events, body->single));
  if (events->size() <= kFullResults) co_return answer(*events);
  auto render = [&events] { return answer(*events); };
  co_return co_await http::run_on(services.work_pool, std::move(render));
}

object body_of_ingest() {
  const object event{{"type", "object"}, {"additionalProperties", true}};
  const object events{{"type", "array"}, {"items", event}};
  const object json{{"schema", {{"anyOf", boost::json::array{event, events}}}},
                    {"example", {{"source", "web-1"}, {"values", {{"cpu", 0.42}, {"network", 17.5}}}}}};
  const object lines{{"schema", {{"type", "string"}}}};
  return {{"required", true}, {"content", {{"application/json", json}, {"application/x-ndjson", lines}}}};
}

}  // namespace

void add_ingest_routes(RouteTable& routes, Services& services) {
  routes.add({.method = "POST",
              .path = "/api/ingest",
              .tag = "ingest",
              .summary = "Take in events",
              .description = kDescription,
              .access = Access::stream,
              .limit = RateLimitClass::ingest,
              .request_body = body_of_ingest()},
             [&services](const Call& call) { return ingest(services, call.request); });
}

}  // namespace topoforge::api
