#pragma once

#include "topoforge/api/route.hpp"
#include "topoforge/api/routes.hpp"

/// Purpose: POST /api/topology/persistence: a persistence diagram for whoever has points and no library.
/// Thread safety: the I/O thread.
namespace topoforge::api {

void add_topology_routes(RouteTable& routes, Services& services);

}  // namespace topoforge::api
