#pragma once

#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "topoforge/base/result.hpp"
#include "topoforge/codec/json/analysis_model.hpp"
#include "topoforge/core/event/event.hpp"
#include "topoforge/core/pipeline/analysis.hpp"

/// Purpose: an analysis to and from JSON. Thread safety: pure.
namespace topoforge {

/// The JSON of its AnalysisView.
boost::json::value analysis_to_json(const Analysis& analysis);

/// Reads what analysis_to_json() wrote. Errors: corrupt, naming what is missing or of the wrong kind.
Result<Analysis> analysis_from_json(const boost::json::value& json);

/// The live message `{"type":"analysis","data":data,"original_event":event}` as one line; data is JSON.
std::string live_message(std::string_view data, const Event& event);

}  // namespace topoforge
