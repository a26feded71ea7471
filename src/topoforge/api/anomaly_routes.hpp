#pragma once

#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "topoforge/adapters/http/message.hpp"
#include "topoforge/adapters/http/task.hpp"
#include "topoforge/api/detail.hpp"
#include "topoforge/api/routes.hpp"
#include "topoforge/ports/anomaly_store.hpp"

/// Purpose: GET /api/anomalies and /api/anomalies/{id}. An anomaly is the `data` of its live message with `id`,
/// `stored_at` and `original_event`. Thread safety: the I/O thread.
namespace topoforge::api {

/// page (default 1), limit (100, at most kMaxAnomalyLimit), source, min_score (0 to 1).
tl::expected<AnomalyQuery, std::vector<Detail>> read_anomaly_query(const http::Request& request);

http::Task<http::Response> list_anomalies(Services& services, const http::Request& request);
http::Task<http::Response> get_anomaly(Services& services, const http::Request& request);

}  // namespace topoforge::api
