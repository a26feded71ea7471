#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "topoforge/api/detail.hpp"
#include "topoforge/core/event/event.hpp"

/// Purpose: reads the body of POST /api/ingest: one event, a JSON array of events, or NDJSON (one event a line; blank
/// lines are skipped) where the content type says so or the body is several lines that begin with an object.
/// All or nothing: one event that cannot be read refuses the body, and every such event is named (up to
/// kMaxReportedErrors). Thread safety: pure.
namespace topoforge::api {

inline constexpr std::size_t kMaxEventsPerRequest = 100'000;
inline constexpr std::size_t kMaxReportedErrors = 100;

struct IngestBody {
  std::vector<Event> events;
  bool single = false;  ///< one event, not in an array or lines
};

/// Errors: the loc begins with "body", then the index of the event (from 0) where there are several.
tl::expected<IngestBody, Details> read_ingest_body(std::string_view body, std::string_view content_type);

}  // namespace topoforge::api
