#pragma once

#include <cstddef>

#include "topoforge/api/route.hpp"
#include "topoforge/api/routes.hpp"

/// Purpose: POST /api/ingest. Body: see ingest_body.hpp. The answer counts the events and says what became of those
/// that `verdicts` asks for, all by default; when it is sent every anomaly in it is stored. A request of at most
/// kFullResults events gets the `data` of each live message too. 422 when an event cannot be read (none is taken in),
/// or when every event was rejected by its stream (a channel that the stream does not have); 503 with Retry-After when
/// the engine is busy or the store fails. Thread safety: the I/O thread.
namespace topoforge::api {

inline constexpr std::size_t kFullResults = 100;

void add_ingest_routes(RouteTable& routes, Services& services);

}  // namespace topoforge::api
