#pragma once

#include "topoforge/api/route.hpp"
#include "topoforge/api/routes.hpp"

/// Purpose: /api/auth: accounts register, sign in and out, change and reset passwords. Thread safety: the I/O thread.
namespace topoforge::api {

void add_auth_routes(RouteTable& routes, Services& services);

}  // namespace topoforge::api
