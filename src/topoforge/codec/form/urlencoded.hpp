#pragma once

#include <string_view>
#include <vector>

#include "topoforge/codec/form/form.hpp"

/// Purpose: the body of application/x-www-form-urlencoded: `name=value&name=value`, a plus for a blank, %XX for a byte.
/// An empty body has no fields, and so has an empty text between two `&`; a name without `=` has an empty value.
/// Stricter than the standard, which leaves a percent sign without two hexadecimal digits as it is and puts U+FFFD for
/// what is no UTF-8: both are refused. Thread safety: pure.
namespace topoforge {

/// Errors: those of parse_form().
Result<std::vector<FormField>> parse_urlencoded(std::string_view body);

}  // namespace topoforge
