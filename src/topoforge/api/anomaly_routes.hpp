#pragma once

#include "topoforge/api/route.hpp"
#include "topoforge/api/routes.hpp"

/// Purpose: /api/anomalies: list, count, export, log, look up, acknowledge, label and delete. Thread safety: the I/O
/// thread.
namespace topoforge::api {

void add_anomaly_routes(RouteTable& routes, Services& services);

}  // namespace topoforge::api
