#pragma once

#include <string>
#include <vector>

#include <boost/json/value.hpp>

/// Purpose: what is wrong with an input, in FastAPI's shape `{"loc": [...], "msg": "...", "type": "..."}`.
/// Thread safety: pure.
namespace topoforge {

struct Detail {
  std::vector<boost::json::value> loc;  ///< texts and indices that lead to the place: "body", "values", 3
  std::string message;                  ///< what was wanted and what was there
  std::string type;                     ///< one of pydantic's words: missing, string_type, greater_than_equal, ...
};
using Details = std::vector<Detail>;

boost::json::value to_json(const Details& details);

}  // namespace topoforge
