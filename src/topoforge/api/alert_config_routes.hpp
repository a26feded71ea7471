#pragma once

#include "topoforge/api/route.hpp"
#include "topoforge/api/routes.hpp"

/// Purpose: /api/alert-configs: everybody's own, and all for admins. What belongs to somebody else is not there (404).
/// Thread safety: the I/O thread.
namespace topoforge::api {

void add_alert_config_routes(RouteTable& routes, Services& services);

}  // namespace topoforge::api
