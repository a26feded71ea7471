#pragma once

#include <string_view>

#include "topoforge/base/result.hpp"
#include "topoforge/ports/access_tokens.hpp"

/// Purpose: header and payload of a token, as JSON texts, and the rules of ports/access_tokens.hpp. Whether the
/// signature fits is not known here. Thread safety: pure.
namespace topoforge::jwt {

/// Errors: invalid_argument.
Result<void> check_claims(const Claims& claims);

/// Errors: invalid_data.
Result<void> check_header(std::string_view json);

/// Errors: invalid_data; limit_exceeded when all is right and the time is over.
Result<Claims> read_claims(std::string_view json, Timestamp now);

}  // namespace topoforge::jwt
