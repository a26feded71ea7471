#pragma once

#include <cstddef>

#include "topoforge/api/route.hpp"
#include "topoforge/api/routes.hpp"

/// Purpose: POST /api/ingest. Body: see ingest_body.hpp. Answer, when it is sent every anomaly in it is stored:
///   {"accepted": n, "rejected": n, "buffered": n, "anomalies": n,
///    "results": [{"index", "status", "source", "entity", "sequence",
///                 "anomaly_score", "p_value", "is_anomaly", "risk_level", "anomaly_id"?, "data"?}, ...]}
/// status: "analyzed", "buffering", "duplicate", "between_strides", or "rejected" with "error". `buffered` counts the
/// events that found the window still filling. `data` is that of the live message, in a request of at most
/// kFullResults events.
/// 422 when an event cannot be read (none is taken in), or when every event was rejected by its stream (a channel that
/// the stream does not have); 503 with Retry-After when the engine is busy or the store fails.
/// Thread safety: the I/O thread.
namespace topoforge::api {

inline constexpr std::size_t kFullResults = 100;

void add_ingest_routes(RouteTable& routes, Services& services);

}  // namespace topoforge::api
