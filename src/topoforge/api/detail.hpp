#pragma once

#include <string>
#include <vector>

#include <boost/json/value.hpp>

#include "topoforge/adapters/http/message.hpp"
#include "topoforge/codec/json/event_json.hpp"

/// Purpose: what is wrong with an input, in FastAPI's shape `{"loc": [...], "msg": "...", "type": "..."}`.
/// Thread safety: pure.
namespace topoforge::api {

struct Detail {
  std::vector<boost::json::value> loc;  ///< texts and indices
  std::string message;
  std::string type;
};

/// The error of an event that stands at the place.
Detail event_detail(std::vector<boost::json::value> place, const EventError& error);

boost::json::value to_json(const std::vector<Detail>& details);

/// 422 `{"detail": [...]}`.
http::Response unprocessable(const std::vector<Detail>& details);

}  // namespace topoforge::api
