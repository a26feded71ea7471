#pragma once

#include <string_view>

#include <boost/json/value.hpp>

#include "topoforge/adapters/http/message.hpp"
#include "topoforge/base/result.hpp"
#include "topoforge/codec/model/detail.hpp"

/// Purpose: why a request is not done: a status with `{"detail": ...}`, text where a person reads it and a list of
/// details where a value of the request is wrong. Thread safety: values.
namespace topoforge::api {

struct Problem {
  unsigned status = 500;
  boost::json::value detail;
  http::Fields headers = {};
};

Problem problem(unsigned status, std::string_view detail);
/// 422 with the details.
Problem unprocessable(const Details& details);
/// 401 with `WWW-Authenticate: Bearer`.
Problem unauthorized(std::string_view detail);
/// What a store or the engine could not do: 404 not_found, 409 conflict, 422 for a value that it refuses, 503 with
/// Retry-After for all that may go well later.
Problem problem_of(const Error& error);

/// What a store could not do with one of its records. what: "Detector", for 404; 400 for a name that is taken
/// (`name_key`), 409 for a record that was changed meanwhile, or the conflict that is told.
Problem record_problem(const Error& error, std::string_view what);

http::Response to_response(const Problem& problem);

}  // namespace topoforge::api
