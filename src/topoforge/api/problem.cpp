#include "topoforge/api/problem.hpp"

#include <fmt/format.h>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>

#include "topoforge/codec/json/json_text.hpp"

namespace topoforge::api {

Problem problem(unsigned status, std::string_view detail) {
  return {.status = status, .detail = boost::json::string(detail)};
}

Problem unprocessable(const Details& details) { return {.status = 422, .detail = to_json(details)}; }

Problem unauthorized(std::string_view detail) {
  Problem refused = problem(401, detail);
  refused.headers = {{"WWW-Authenticate", "Bearer"}};
  return refused;
}

Problem problem_of(const Error& error) {
  switch (error.code) {
    case ErrorCode::not_found: return problem(404, error.message);
    case ErrorCode::conflict: return problem(409, error.message);
    case ErrorCode::limit_exceeded:
    case ErrorCode::invalid_argument:
    case ErrorCode::invalid_data: return problem(422, error.message);
    case ErrorCode::unavailable:
    case ErrorCode::io:
    case ErrorCode::corrupt: break;
  }
  Problem failed = problem(503, error.message);
  failed.headers = {{"Retry-After", "1"}};
  return failed;
}

Problem record_problem(const Error& error, std::string_view what) {
  if (error.code == ErrorCode::not_found) return problem(404, fmt::format("{} not found", what));
  if (error.code != ErrorCode::conflict) return problem_of(error);
  if (error.message == "name_key") return problem(400, fmt::format("{} of this name is there already", what));
  if (error.message.empty()) return problem(409, fmt::format("{} was changed meanwhile; look at it again", what));
  return problem(409, error.message);
}

http::Response to_response(const Problem& problem) {
  return {.status = problem.status,
          .body = print_json(boost::json::object{{"detail", problem.detail}}),
          .headers = problem.headers};
}

}  // namespace topoforge::api
