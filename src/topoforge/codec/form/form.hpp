#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "topoforge/base/result.hpp"

/// Purpose: the fields of an HTML form as a request's body carries them: application/x-www-form-urlencoded (WHATWG URL
/// Standard, section 5) and multipart/form-data (RFC 7578). Text only; a part that is a file is refused.
/// Names and values are UTF-8 without NUL. A name may stand several times, as boxes to tick do: all fields are kept, in
/// the order of the body, and who wants one value of a name must refuse a second.
/// Messages quote names and never values, which may be passwords. Thread safety: pure.
namespace topoforge {

inline constexpr std::size_t kMaxFormBytes = 1 << 20;
inline constexpr std::size_t kMaxFormFields = 64;
inline constexpr std::size_t kMaxFormNameBytes = 128;
inline constexpr std::size_t kMaxFormValueBytes = 64 << 10;

struct FormField {
  std::string name;
  std::string value;

  bool operator==(const FormField&) const = default;
};

/// Whether a Content-Type says that the body is a form of either kind; its parameters may still be wrong.
bool is_form(std::string_view content_type);

/// Errors: invalid_data for a Content-Type that is no form or whose charset is not UTF-8, and for a body that is not
/// what it says; limit_exceeded for a body, a field or a number of fields above the limits. O(bytes).
Result<std::vector<FormField>> parse_form(std::string_view content_type, std::string_view body);

}  // namespace topoforge
