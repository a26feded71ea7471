#pragma once

#include "topoforge/api/route.hpp"
#include "topoforge/api/routes.hpp"

/// Purpose: GET /api/anomalies and /api/anomalies/{id}. An anomaly is the `data` of its live message with `id`,
/// `stored_at` and `original_event`. Thread safety: the I/O thread.
namespace topoforge::api {

void add_anomaly_routes(RouteTable& routes, Services& services);

}  // namespace topoforge::api
