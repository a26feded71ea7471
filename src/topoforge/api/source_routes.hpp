#pragma once

#include "topoforge/api/route.hpp"
#include "topoforge/api/routes.hpp"

/// Purpose: /api/sources, the list of what sends events. It is for people: an event needs no entry in it.
/// Thread safety: the I/O thread.
namespace topoforge::api {

inline constexpr std::size_t kMaxSources = kMaxRecordLimit;

void add_source_routes(RouteTable& routes, Services& services);

}  // namespace topoforge::api
