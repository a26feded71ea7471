#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>
#include <tl/expected.hpp>

/// Purpose: strict JSON text (RFC 8259) to a value and back. Thread safety: pure.
namespace topoforge {

inline constexpr std::size_t kMaxJsonDepth = 16;

struct JsonError {
  std::vector<boost::json::value> loc;  ///< keys, as texts, and indices that lead to the place; empty at the top
  std::string message;
};

/// Refuses, beyond what the grammar forbids (comments, trailing commas, NaN, invalid UTF-8, text after the value): a
/// key that stands twice in one object, a number beyond the range of a double, nesting deeper than kMaxJsonDepth.
/// Numbers with a fraction or exponent are the nearest double. O(bytes log keys).
tl::expected<boost::json::value, JsonError> parse_json(std::string_view text);

/// Keys, and indices as texts.
std::vector<std::string> texts_of(const std::vector<boost::json::value>& loc);
/// `["values", "cpu"]` as "values.cpu"; empty for the top.
std::string join_location(const std::vector<std::string>& loc);

/// One line; numbers are the shortest text that reads back as the same double. A number that is not finite, which JSON
/// cannot say, is null.
std::string print_json(const boost::json::value& value);
/// The same at the end of `out`.
void append_json(const boost::json::value& value, std::string& out);
void append_json(double number, std::string& out);
void append_json(std::string_view text, std::string& out);

/// What a message shows of a value that is not what was wanted: "null", "text 'abc'", "an object", "12.5".
std::string describe_json(const boost::json::value& value);

}  // namespace topoforge
