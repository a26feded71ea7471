#include "topoforge/api/ingest_routes.hpp"

#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "topoforge/api/ingest_body.hpp"
#include "topoforge/codec/json/event_model.hpp"

namespace topoforge::api {
namespace {

constexpr const char* kDescription =
    "One event, a JSON array of events, or NDJSON (one event a line). All or nothing: one event that cannot be read "
    "refuses the body.";

/// Of which events the answer tells.
enum class Verdicts { all, anomalies, none };
BOOST_DESCRIBE_ENUM(Verdicts, all, anomalies, none)

struct IngestQuery {
  Verdicts verdicts = Verdicts::all;
  static constexpr auto model() {
    return topoforge::model("IngestQuery", "What is asked of the answer",
                            field(&IngestQuery::verdicts,
                                  {.about = "Of which events it tells: all, anomalies and what was rejected, or none",
                                   .has_default = true}));
  }
};
BOOST_DESCRIBE_STRUCT(IngestQuery, (), (verdicts))

struct EventResult {
  std::uint64_t index = 0;
  EventStatus status = EventStatus::analyzed;
  std::optional<std::string> source = std::nullopt;
  std::optional<std::string> entity = std::nullopt;
  std::optional<std::uint64_t> sequence = std::nullopt;
  std::optional<double> anomaly_score = std::nullopt;
  std::optional<double> p_value = std::nullopt;
  std::optional<bool> is_anomaly = std::nullopt;
  std::optional<RiskLevel> risk_level = std::nullopt;
  std::optional<std::string> anomaly_id = std::nullopt;
  std::optional<LiveData> data = std::nullopt;
  std::optional<std::string> error = std::nullopt;
  static constexpr auto model() {
    return topoforge::model(
        "EventResult", "What became of an event", field(&EventResult::index, {.about = "In the request, from 0"}),
        field(&EventResult::source, {.left_out = true}), field(&EventResult::entity, {.left_out = true}),
        field(&EventResult::sequence, {.about = "Number of the event in its stream, from 0", .left_out = true}),
        field(&EventResult::anomaly_score, {.about = "Of an analysis", .least = 0, .most = 1, .left_out = true}),
        field(&EventResult::p_value, {.about = "Of an analysis", .least = 0, .most = 1, .left_out = true}),
        field(&EventResult::is_anomaly, {.about = "Of an analysis", .left_out = true}),
        field(&EventResult::risk_level, {.about = "Of an analysis", .left_out = true}),
        field(&EventResult::anomaly_id, {.about = "Of an anomaly", .left_out = true}),
        field(&EventResult::data, {.about = "That of the live message, in a small request", .left_out = true}),
        field(&EventResult::error, {.about = "Why it was rejected", .left_out = true}));
  }
};
BOOST_DESCRIBE_STRUCT(EventResult, (),
                      (index, status, source, entity, sequence, anomaly_score, p_value, is_anomaly, risk_level,
                       anomaly_id, data, error))

struct IngestReport {
  std::uint64_t accepted = 0;
  std::uint64_t rejected = 0;
  std::uint64_t buffered = 0;
  std::uint64_t anomalies = 0;
  std::vector<EventResult> results;
  static constexpr auto model() {
    return topoforge::model(
        "IngestReport", "What became of the events; every anomaly among them is stored",
        field(&IngestReport::rejected, {.about = "By their streams, such as one with a channel that they do not have"}),
        field(&IngestReport::buffered, {.about = "Events that found the window still filling"}));
  }
};
BOOST_DESCRIBE_STRUCT(IngestReport, (), (accepted, rejected, buffered, anomalies, results))

EventResult result_of(const LiveAnalysis& live, std::size_t index, bool full) {
  const PushOutcome& push = live.outcome.push;
  EventResult result{.index = index,
                     .status = status_of(live),
                     .source = live.event.stream.source,
                     .entity = live.event.stream.entity,
                     .sequence = push.sequence};
  if (push.analysis) {
    const Analysis& analysis = *push.analysis;
    result.anomaly_score = analysis.anomaly_score;
    result.p_value = analysis.p_value;
    result.is_anomaly = analysis.is_anomaly;
    result.risk_level = analysis.risk_level;
    if (!live.anomaly_id.empty()) result.anomaly_id = live.anomaly_id;
  }
  if (full) result.data = live_data(live);
  return result;
}

bool is_anomaly(const IngestedEvent& event) {
  return event.live && event.live->outcome.push.analysis && event.live->outcome.push.analysis->is_anomaly;
}

void count(const IngestedEvent& event, IngestReport& report) {
  ++(event.live ? report.accepted : report.rejected);
  if (event.live && status_of(*event.live) == EventStatus::buffering) ++report.buffered;
  if (is_anomaly(event)) ++report.anomalies;
}

bool is_told(const IngestedEvent& event, Verdicts verdicts) {
  return verdicts == Verdicts::all || (verdicts == Verdicts::anomalies && (is_anomaly(event) || !event.live));
}

/// Written as text piece by piece: a hundred thousand results need no tree of values.
Rendered<IngestReport> answer(const std::vector<IngestedEvent>& events, Verdicts verdicts) {
  IngestReport counts;
  std::string results;
  const bool full = events.size() <= kFullResults;
  for (std::size_t i = 0; i < events.size(); ++i) {
    count(events[i], counts);
    if (!is_told(events[i], verdicts)) continue;
    const auto& live = events[i].live;
    const EventResult result =
        live ? result_of(*live, i, full)
             : EventResult{.index = i, .status = EventStatus::rejected, .error = live.error().message};
    if (!results.empty()) results.push_back(',');
    results += print_model(result);
  }
  return {fmt::format(R"({{"accepted":{},"rejected":{},"buffered":{},"anomalies":{},"results":[{}]}})", counts.accepted,
                      counts.rejected, counts.buffered, counts.anomalies, results)};
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

http::Task<Reply<Rendered<IngestReport>>> ingest(Services& services, const http::Request& request, Verdicts verdicts) {
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
  if (events->size() <= kFullResults) co_return answer(*events, verdicts);
  auto render = [&events, verdicts] { return answer(*events, verdicts); };
  co_return co_await http::run_on(services.work_pool, std::move(render));
}

}  // namespace

void add_ingest_routes(RouteTable& routes, Services& services) {
  routes
      .add({.method = "POST",
            .path = "/api/ingest",
            .tag = "ingest",
            .summary = "Take in events",
            .description = kDescription,
            .access = Access::stream,
            .limit = RateLimitClass::ingest},
           [&services](const Call& call, Query<IngestQuery> query) {
             return ingest(services, call.request, query->verdicts);
           })
      .takes<EventInput>()
      .takes<std::vector<EventInput>>("application/json", {.min_length = 1, .max_length = kMaxEventsPerRequest})
      .takes<std::string>("application/x-ndjson")
      .example({{"source", "web-1"}, {"values", {{"cpu", 0.42}, {"network", 17.5}}}});
}

}  // namespace topoforge::api
