#include "topoforge/api/anomaly_routes.hpp"

#include <array>
#include <memory>
#include <span>
#include <utility>

#include "topoforge/api/anomaly_export.hpp"
#include "topoforge/api/anomaly_models.hpp"

namespace topoforge::api {
namespace {

/// Rows that an export holds in memory at once.
constexpr std::size_t kExportBatch = 100;

Problem anomaly_problem(const Error& error) {
  if (error.code == ErrorCode::not_found) return problem(404, "Anomaly not found");
  if (error.code == ErrorCode::conflict) return problem(409, "The anomaly was reviewed meanwhile; look at it again");
  return problem_of(error);
}

http::Task<Reply<Rendered<AnomalyList>>> list(const Services& services, AnomalySearch search) {
  const AnomalyQuery query{
      .page = search.page, .limit = search.limit, .cursor = search.cursor, .filter = search.filter()};
  auto list = [store = &services.store, &query] { return store->list(query); };
  const Result<AnomalyPage> page = co_await http::run_on(services.storage_pool, std::move(list));
  if (!page) co_return tl::unexpected(anomaly_problem(page.error()));
  auto render = [&page, &query] {
    AnomalyList answer{.data = {},
                       .page = query.page,
                       .limit = query.limit,
                       .total = page->total,
                       .total_is_exact = page->total_is_exact,
                       .next_cursor = page->next_cursor.empty() ? std::nullopt : std::optional(page->next_cursor)};
    for (const StoredAnomaly& anomaly : page->data) answer.data.push_back(view_of(anomaly));
    return print_model(answer);
  };
  std::string json = co_await http::run_on(services.work_pool, std::move(render));
  co_return Rendered<AnomalyList>{std::move(json)};
}

http::Task<Reply<AnomalyStats>> stats(const Services& services, StatisticsRange range) {
  auto count = [store = &services.store, range] {
    return store->statistics({.start = range.start_date, .end = range.end_date, .bucket = range.bucket});
  };
  const Result<AnomalyStatistics> statistics = co_await http::run_on(services.storage_pool, std::move(count));
  if (!statistics) co_return tl::unexpected(anomaly_problem(statistics.error()));
  co_return stats_of(*statistics);
}

http::Task<Reply<http::Response>> export_all(const Services& services, ExportQuery query) {
  using Stream = std::unique_ptr<AnomalyExportStream>;
  auto begin = [&services, &query] {
    return AnomalyExport::start(services.store, query.filter(), kExportBatch).map([&](AnomalyExport anomalies) {
      return std::make_unique<AnomalyExportStream>(std::move(anomalies), query.format, services.storage_pool);
    });
  };
  Result<Stream> started = co_await http::run_on(services.storage_pool, std::move(begin));
  if (!started) co_return tl::unexpected(anomaly_problem(started.error()));
  static constexpr std::array<std::string_view, 3> kTypes{"text/csv; charset=utf-8", "application/json",
                                                          "application/x-ndjson"};
  http::Response response;
  response.content_type = kTypes[static_cast<std::size_t>(query.format)];
  response.headers = {
      {"Content-Disposition", "attachment; filename=\"anomalies." + std::string(enum_text(query.format)) + "\""}};
  response.stream = std::move(*started);
  co_return response;
}

http::Task<Reply<AnomalyView>> get(const Services& services, std::string id) {
  auto get = [store = &services.store, id = std::move(id)] { return store->get(id); };
  const Result<StoredAnomaly> anomaly = co_await http::run_on(services.storage_pool, std::move(get));
  if (!anomaly) co_return tl::unexpected(anomaly_problem(anomaly.error()));
  co_return view_of(*anomaly);
}

http::Task<Reply<AnomalyView>> create(const Services& services, LoggedAnomaly logged, std::string created_by) {
  const Timestamp now = services.clock();
  const NewAnomaly anomaly = anomaly_of(std::move(logged), std::move(created_by), now);
  auto add = [store = &services.store, &anomaly, now]() -> Result<StoredAnomaly> {
    const auto ids = store->add(std::span(&anomaly, 1), now);
    if (!ids) return tl::unexpected(ids.error());
    auto kept = store->get(ids->front());
    if (kept) return kept;
    // It is kept, though it cannot be read now: whoever is told otherwise would send it again.
    return StoredAnomaly{.id = ids->front(),
                         .stored_at = now,
                         .time = anomaly.analysis.timestamp.value_or(now),
                         .analysis = anomaly.analysis,
                         .event = anomaly.event,
                         .origin = anomaly.origin,
                         .created_by = anomaly.created_by};
  };
  const Result<StoredAnomaly> stored = co_await http::run_on(services.storage_pool, std::move(add));
  if (!stored) co_return tl::unexpected(anomaly_problem(stored.error()));
  services.feed.notify();
  co_return view_of(*stored);
}

/// What the change makes of the review as it is; if another one comes between, the change sees that one.
template <class Change>
http::Task<Reply<AnomalyView>> review(const Services& services, std::string id, std::string reviewer, Change change) {
  const Timestamp now = services.clock();
  auto store_review = [store = &services.store, id = std::move(id), reviewer = std::move(reviewer),
                       change = std::move(change), now]() -> Result<StoredAnomaly> {
    while (true) {
      const auto anomaly = store->get(id);
      if (!anomaly) return anomaly;
      NewReview review{.label = anomaly->review.label,
                       .acknowledged_by = reviewer,
                       .note = anomaly->review.note,
                       .revision = anomaly->review.revision};
      const bool sees_newest = change(review);
      if (!sees_newest) return fail(ErrorCode::conflict, "reviewed meanwhile");
      auto reviewed = store->review(id, review, now);
      if (reviewed || reviewed.error().code != ErrorCode::conflict) return reviewed;
    }
  };
  const Result<StoredAnomaly> reviewed = co_await http::run_on(services.storage_pool, std::move(store_review));
  if (!reviewed) co_return tl::unexpected(anomaly_problem(reviewed.error()));
  co_return view_of(*reviewed);
}

http::Task<Reply<NoContent>> erase(const Services& services, std::string id) {
  auto erase = [store = &services.store, id = std::move(id)] { return store->erase(id); };
  const Result<void> erased = co_await http::run_on(services.storage_pool, std::move(erase));
  if (!erased) co_return tl::unexpected(anomaly_problem(erased.error()));
  co_return NoContent{};
}

void add_reading(RouteTable& routes, Services& services) {
  routes.add({.method = "GET",
              .path = "/api/anomalies/",
              .tag = "anomalies",
              .summary = "List anomalies, newest first",
              .description = "Page by page, or from next_cursor to next_cursor, which is as fast at the end."},
             [&services](const Call&, Query<AnomalySearch> search) { return list(services, std::move(search.value)); });
  routes.add({.method = "GET", .path = "/api/anomalies/stats", .tag = "anomalies", .summary = "Count anomalies"},
             [&services](const Call&, Query<StatisticsRange> range) { return stats(services, range.value); });
  routes
      .add({.method = "GET",
            .path = "/api/anomalies/export",
            .tag = "anomalies",
            .summary = "Export anomalies as CSV, JSON or NDJSON, oldest first"},
           [&services](const Call&, Query<ExportQuery> query) { return export_all(services, std::move(query.value)); })
      .answers<std::string>(200, "text/csv")
      .answers<std::vector<AnomalyView>>(200)
      .answers<std::string>(200, "application/x-ndjson");
  routes.add(
      {.method = "GET", .path = "/api/anomalies/{id}", .tag = "anomalies", .summary = "One anomaly", .errors = {404}},
      [&services](const Call& call) { return get(services, call.id()); });
}

void add_changing(RouteTable& routes, Services& services) {
  routes.add({.method = "POST",
              .path = "/api/anomalies/",
              .tag = "anomalies",
              .summary = "Log an anomaly",
              .access = Access::analyst,
              .status = 201},
             [&services](const Call& call, Body<LoggedAnomaly> body) {
               return create(services, std::move(body.value), call.account->username);
             });
  routes.add({.method = "POST",
              .path = "/api/anomalies/{id}/acknowledge",
              .tag = "anomalies",
              .summary = "Say that somebody has looked at it",
              .access = Access::analyst,
              .errors = {404}},
             [&services](const Call& call, Body<Acknowledgement> body) {
               return review(services, call.id(), call.account->username,
                             [note = std::move(body.value.note)](NewReview& review) {
                               review.note = note.value_or(review.note);
                               return true;
                             });
             });
  routes.add({.method = "PUT",
              .path = "/api/anomalies/{id}/label",
              .tag = "anomalies",
              .summary = "Say what it turned out to be",
              .access = Access::analyst,
              .errors = {404, 409}},
             [&services](const Call& call, Body<LabelChange> body) {
               return review(services, call.id(), call.account->username,
                             [change = std::move(body.value)](NewReview& review) {
                               review.label = change.label;
                               review.note = change.note.value_or(review.note);
                               return !change.revision || change.revision == review.revision;
                             });
             });
  routes.add({.method = "DELETE",
              .path = "/api/anomalies/{id}",
              .tag = "anomalies",
              .summary = "Delete an anomaly",
              .access = Access::admin,
              .status = 204,
              .errors = {404}},
             [&services](const Call& call) { return erase(services, call.id()); });
}

}  // namespace

void add_anomaly_routes(RouteTable& routes, Services& services) {
  add_reading(routes, services);
  add_changing(routes, services);
}

}  // namespace topoforge::api
