#include "topoforge/api/detector_routes.hpp"

#include <string>
#include <utility>
#include <vector>

#include "topoforge/api/detector_preview.hpp"
#include "topoforge/api/detectors.hpp"

namespace topoforge::api {
namespace {

/// All names that a definition may have, of any length that a name may have.
constexpr std::size_t kDefinitionBodyBytes = 4U << 20U;
constexpr std::size_t kPreviewBodyBytes = 8U << 20U;

http::Task<Reply<std::vector<DetectorView>>> list(Detectors& detectors) {
  const Reply<std::vector<Detector>> known = co_await detectors.list();
  if (!known) co_return tl::unexpected(known.error());
  std::vector<DetectorView> views;
  views.reserve(known->size());
  for (const Detector& detector : *known) views.push_back(view_of(detector));
  co_return views;
}

http::Task<Reply<DetectorView>> view(http::Task<Reply<Detector>> task) {
  const Reply<Detector> detector = co_await std::move(task);
  if (!detector) co_return tl::unexpected(detector.error());
  co_return view_of(*detector);
}

http::Task<Reply<DetectorPreview>> try_out(const Services& services, DetectorSettings settings,
                                           std::vector<boost::json::object> rows) {
  const auto place = services.compute_queue.enter();
  if (!place) co_return tl::unexpected(problem_of(place.error()));
  auto work = [&] { return preview(settings, rows, services.engine.options().pipeline.threat_rules); };
  auto result = co_await http::run_on(services.compute_pool, std::move(work));
  if (!result) co_return tl::unexpected(unprocessable(result.error()));
  co_return std::move(*result);
}

void add_definitions(RouteTable& routes, Detectors& detectors) {
  routes.add(
      {.method = "GET", .path = "/api/detectors/", .tag = "detectors", .summary = "List detectors, oldest first"},
      [&detectors](const Call&) { return list(detectors); });
  routes.add({.method = "POST",
              .path = "/api/detectors/",
              .tag = "detectors",
              .summary = "Define a detector",
              .access = Access::analyst,
              .status = 201,
              .errors = {400, 409},
              .body_bytes = kDefinitionBodyBytes},
             [&detectors](const Call& call, Body<NewDetector> body) {
               return view(detectors.create(std::move(body.value), call.account->username));
             });
  routes.add(
      {.method = "GET", .path = "/api/detectors/{id}", .tag = "detectors", .summary = "A detector", .errors = {404}},
      [&detectors](const Call& call) { return view(detectors.get(call.id())); });
  routes.add({.method = "PUT",
              .path = "/api/detectors/{id}",
              .tag = "detectors",
              .summary = "Define a detector anew, while it does not run",
              .access = Access::analyst,
              .errors = {400, 404, 409},
              .body_bytes = kDefinitionBodyBytes},
             [&detectors](const Call& call, Body<NewDetector> body) {
               return view(detectors.replace(call.id(), std::move(body.value)));
             });
  routes.add({.method = "DELETE",
              .path = "/api/detectors/{id}",
              .tag = "detectors",
              .summary = "Delete a detector, while it does not run",
              .access = Access::analyst,
              .status = 204,
              .errors = {404, 409}},
             [&detectors](const Call& call) { return detectors.erase(call.id()); });
}

void add_actions(RouteTable& routes, Services& services) {
  Detectors& detectors = services.detectors;
  routes.add({.method = "POST",
              .path = "/api/detectors/_validate",
              .tag = "detectors",
              .summary = "Check a definition, without keeping it",
              .description = "422 says what is wrong with it, as when it is created; hints are no errors.",
              .access = Access::analyst,
              .body_bytes = kDefinitionBodyBytes},
             [&detectors](const Call&, Body<NewDetector> body) -> http::Task<Reply<DetectorCheck>> {
               co_return detectors.check(body.value);
             });
  routes.add({.method = "POST",
              .path = "/api/detectors/_preview",
              .tag = "detectors",
              .summary = "Try a definition on rows, without keeping anything",
              .description = "What it takes longer than ten seconds for is left out, and `cut_short` says so.",
              .access = Access::analyst,
              .errors = {503},
              .body_bytes = kPreviewBodyBytes},
             [&services](const Call&, Body<PreviewRequest> body) {
               return try_out(services, std::move(body.value.detector), std::move(body.value.rows));
             });
  routes.add({.method = "POST",
              .path = "/api/detectors/{id}/_start",
              .tag = "detectors",
              .summary = "Let it look at its sources, whose streams begin anew",
              .access = Access::analyst,
              .errors = {404, 409}},
             [&detectors](const Call& call) { return view(detectors.start(call.id())); });
  routes.add({.method = "POST",
              .path = "/api/detectors/{id}/_stop",
              .tag = "detectors",
              .summary = "Leave its sources to the server, whose streams begin anew",
              .access = Access::analyst,
              .errors = {404, 409}},
             [&detectors](const Call& call) { return view(detectors.stop(call.id())); });
  routes.add({.method = "GET",
              .path = "/api/detectors/{id}/_profile",
              .tag = "detectors",
              .summary = "What it does: warm-up, memory and counts of its streams",
              .errors = {404, 503}},
             [&detectors](const Call& call) { return detectors.profile(call.id()); });
}

}  // namespace

void add_detector_routes(RouteTable& routes, Services& services) {
  add_definitions(routes, services.detectors);
  add_actions(routes, services);
}

}  // namespace topoforge::api
