#include "topoforge/api/detail.hpp"

#include <utility>

namespace topoforge::api {

Detail event_detail(std::vector<boost::json::value> place, const EventError& error) {
  for (const std::string& step : error.loc) place.emplace_back(step);
  return {.loc = std::move(place), .message = error.message, .type = error.type};
}

}  // namespace topoforge::api
