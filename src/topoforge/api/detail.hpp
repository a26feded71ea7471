#pragma once

#include <vector>

#include <boost/json/value.hpp>

#include "topoforge/codec/json/event_json.hpp"
#include "topoforge/codec/model/detail.hpp"

/// Purpose: what is wrong with an event of a request, as a detail. Thread safety: pure.
namespace topoforge::api {

/// The error of an event that stands at the place.
Detail event_detail(std::vector<boost::json::value> place, const EventError& error);

}  // namespace topoforge::api
