#pragma once

#include <cstddef>
#include <string>

#include <boost/json/value.hpp>

#include "topoforge/base/result.hpp"
#include "topoforge/codec/json/analysis_model.hpp"
#include "topoforge/codec/json/event_model.hpp"
#include "topoforge/codec/model/write_model.hpp"
#include "topoforge/core/event/event.hpp"
#include "topoforge/core/pipeline/analysis.hpp"

/// Purpose: an analysis to and from JSON. Thread safety: pure.
namespace topoforge {

/// The JSON of its AnalysisView.
boost::json::value analysis_to_json(const Analysis& analysis);

/// Reads what analysis_to_json() wrote. Errors: corrupt, naming what is missing or of the wrong kind.
Result<Analysis> analysis_from_json(const boost::json::value& json);

/// The live message `{"type":"analysis","data":data,"original_event":event}` as one line; data is a model.
template <class T>
std::string live_message(const T& data, const Event& event) {
  constexpr std::size_t kUsualBytes = 4096;
  std::string out;
  out.reserve(kUsualBytes);
  out += R"({"type":"analysis","data":)";
  append_model(data, out);
  out += R"(,"original_event":)";
  append_model(view_of(event), out);
  out += '}';
  return out;
}

}  // namespace topoforge
