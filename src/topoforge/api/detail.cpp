#include "topoforge/api/detail.hpp"

#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "topoforge/codec/json/json_text.hpp"

namespace topoforge::api {

Detail event_detail(std::vector<boost::json::value> place, const EventError& error) {
  for (const std::string& step : error.loc) place.emplace_back(step);
  return {.loc = std::move(place), .message = error.message, .type = error.type};
}

boost::json::value to_json(const std::vector<Detail>& details) {
  boost::json::array list;
  for (const Detail& detail : details) {
    list.push_back(boost::json::object{{"loc", boost::json::array(detail.loc.begin(), detail.loc.end())},
                                       {"msg", detail.message},
                                       {"type", detail.type}});
  }
  return list;
}

http::Response unprocessable(const std::vector<Detail>& details) {
  return {.status = 422, .body = print_json(boost::json::object{{"detail", to_json(details)}})};
}

}  // namespace topoforge::api
