#pragma once

#include "topoforge/api/route.hpp"
#include "topoforge/api/routes.hpp"

/// Purpose: /api/detectors. Thread safety: the I/O thread.
namespace topoforge::api {

void add_detector_routes(RouteTable& routes, Services& services);

}  // namespace topoforge::api
