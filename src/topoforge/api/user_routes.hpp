#pragma once

#include "topoforge/api/route.hpp"
#include "topoforge/api/routes.hpp"

/// Purpose: /api/users: accounts as admins and their owners manage them. Thread safety: the I/O thread.
namespace topoforge::api {

void add_user_routes(RouteTable& routes, Services& services);

}  // namespace topoforge::api
