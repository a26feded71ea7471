#pragma once

#include <string>
#include <string_view>

/// Purpose: a JSON string without a JSON library, for errors and logs. Thread safety: pure.
namespace topoforge::http {

/// The text in double quotes; control characters are escaped, bytes that are no UTF-8 become U+FFFD.
std::string json_string(std::string_view text);

}  // namespace topoforge::http
