#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "topoforge/base/result.hpp"

/// Purpose: header values with parameters: `form-data; name="user"`, `multipart/form-data; boundary=x`.
/// Source: RFC 9110, section 5.6.6, and RFC 7578, section 4.2. Thread safety: pure.
namespace topoforge {

struct HeaderValue {
  std::string value;                                            ///< in lower case
  std::vector<std::pair<std::string, std::string>> parameters;  ///< names in lower case, each once

  /// Nothing where there is none.
  [[nodiscard]] const std::string* parameter(std::string_view name) const;
};

/// In a quoted text a backslash stands for the quote or backslash behind it, and for itself before anything else (as
/// browsers of old send paths). Errors: invalid_data for another form, a control byte, a parameter that stands twice.
Result<HeaderValue> parse_header_value(std::string_view text);

/// The parameter charset is not there, or is UTF-8 or its subset US-ASCII.
bool has_text_charset(const HeaderValue& content_type);

/// A name or word as HTTP spells them: RFC 9110, section 5.6.2.
bool is_token(std::string_view text);

}  // namespace topoforge
