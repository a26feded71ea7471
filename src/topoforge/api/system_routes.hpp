#pragma once

#include "topoforge/api/route.hpp"
#include "topoforge/api/routes.hpp"

/// Purpose: the server about itself: GET / (a browser gets the live page, a program the status), GET /health (200, or
/// 503 when the store fails). Thread safety: the I/O thread.
namespace topoforge::api {

void add_system_routes(RouteTable& routes, Services& services);

}  // namespace topoforge::api
