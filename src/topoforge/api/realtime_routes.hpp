#pragma once

#include "topoforge/api/route.hpp"
#include "topoforge/api/routes.hpp"

/// Purpose: GET /api/realtime/stream, anomalies as server-sent events for a browser's EventSource. The event's name is
/// `anomaly`, its data that of GET /api/anomalies/{id}, its id that of the anomaly: a client that comes back with
/// Last-Event-ID gets all that were stored meanwhile. Thread safety: the I/O thread.
namespace topoforge::api {

void add_realtime_routes(RouteTable& routes, Services& services);

}  // namespace topoforge::api
