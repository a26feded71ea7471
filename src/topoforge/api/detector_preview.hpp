#pragma once

#include <chrono>
#include <vector>

#include <boost/json/object.hpp>
#include <tl/expected.hpp>

#include "topoforge/api/detector_models.hpp"
#include "topoforge/codec/model/detail.hpp"
#include "topoforge/core/threat/threat_classifier.hpp"

/// Purpose: a detector tried on events, apart from the streams of the server. Thread safety: pure but for the clock
/// that ends it; takes up to kPreviewTime, so it runs on a pool.
namespace topoforge::api {

inline constexpr std::chrono::seconds kPreviewTime{10};

/// Errors: details whose loc begins with "body".
tl::expected<DetectorPreview, Details> preview(const DetectorSettings& settings,
                                               const std::vector<boost::json::object>& rows,
                                               const std::vector<ThreatRule>& threat_rules);

}  // namespace topoforge::api
