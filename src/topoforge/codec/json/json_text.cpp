#include "topoforge/codec/json/json_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <limits>
#include <optional>

#include <fmt/compile.h>
#include <fmt/format.h>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>

#include "topoforge/codec/text/quote.hpp"

namespace topoforge {
namespace {

using boost::json::error_code;
using JsonText = boost::json::string_view;

/// Builds the value as Boost.JSON's own parser does and, beside it, knows where it is and which keys it has seen.
class StrictHandler {
 public:
  static constexpr std::size_t max_object_size = boost::json::object::max_size();
  static constexpr std::size_t max_array_size = boost::json::array::max_size();
  static constexpr std::size_t max_key_size = boost::json::string::max_size();
  static constexpr std::size_t max_string_size = boost::json::string::max_size();

  boost::json::value_stack stack;
  std::optional<JsonError> problem;

  StrictHandler() { stack.reset(); }

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }

  bool on_object_begin(error_code&) {
    frames_.push_back({.in_object = true, .keys = {}, .elements = 0});
    return true;
  }
  bool on_object_end(std::size_t size, error_code& error) {
    std::vector<std::string>& keys = frames_.back().keys;
    std::sort(keys.begin(), keys.end());
    const auto twice = std::adjacent_find(keys.begin(), keys.end());
    if (twice != keys.end()) {
      const std::string key = *twice;
      keys.push_back(key);  // it is where location() looks
      return refuse(fmt::format("the key {} stands twice in one object", quote_text(key)), error);
    }
    frames_.pop_back();
    stack.push_object(size);
    count_element();
    return true;
  }
  bool on_array_begin(error_code&) {
    frames_.push_back({.in_object = false, .keys = {}, .elements = 0});
    return true;
  }
  bool on_array_end(std::size_t size, error_code&) {
    frames_.pop_back();
    stack.push_array(size);
    count_element();
    return true;
  }

  bool on_key_part(JsonText part, std::size_t, error_code&) {
    key_ += std::string_view(part);
    stack.push_chars(part);
    return true;
  }
  bool on_key(JsonText rest, std::size_t, error_code&) {
    key_ += std::string_view(rest);
    frames_.back().keys.push_back(std::move(key_));
    key_.clear();
    stack.push_key(rest);
    return true;
  }
  bool on_string_part(JsonText part, std::size_t, error_code&) {
    stack.push_chars(part);
    return true;
  }
  bool on_string(JsonText rest, std::size_t, error_code&) {
    stack.push_string(rest);
    count_element();
    return true;
  }

  bool on_number_part(JsonText, error_code&) { return true; }
  bool on_int64(std::int64_t number, JsonText, error_code&) {
    stack.push_int64(number);
    count_element();
    return true;
  }
  bool on_uint64(std::uint64_t number, JsonText, error_code&) {
    stack.push_uint64(number);
    count_element();
    return true;
  }
  bool on_double(double number, JsonText text, error_code& error) {
    // Boost.JSON 1.81 may be off by one unit in the last place; the literal is whole because the text is.
    double exact = number;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), exact);
    if (read.ec == std::errc{}) number = exact;
    if (!std::isfinite(number)) {
      return refuse(fmt::format("{} is beyond the range of a double", quote_text(std::string_view(text))), error);
    }
    stack.push_double(number);
    count_element();
    return true;
  }
  bool on_bool(bool truth, error_code&) {
    stack.push_bool(truth);
    count_element();
    return true;
  }
  bool on_null(error_code&) {
    stack.push_null();
    count_element();
    return true;
  }
  bool on_comment_part(JsonText, error_code&) { return true; }
  bool on_comment(JsonText, error_code&) { return true; }

  [[nodiscard]] std::vector<boost::json::value> location() const {
    std::vector<boost::json::value> loc;
    for (const Frame& frame : frames_) {
      if (!frame.in_object) {
        loc.emplace_back(frame.elements);
      } else if (!frame.keys.empty()) {
        loc.emplace_back(boost::json::string(frame.keys.back()));
      }
    }
    return loc;
  }

 private:
  struct Frame {
    bool in_object;
    std::vector<std::string> keys;
    std::size_t elements;
  };

  void count_element() {
    if (!frames_.empty()) ++frames_.back().elements;
  }
  bool refuse(std::string message, error_code& error) {
    problem = JsonError{location(), std::move(message)};
    error = boost::json::error::syntax;
    return false;
  }

  std::vector<Frame> frames_;
  std::string key_;
};

void print_object(const boost::json::object& object, std::string& out) {
  out += '{';
  bool first = true;
  for (const auto& member : object) {
    if (!first) out += ',';
    first = false;
    append_json(std::string_view(member.key()), out);
    out += ':';
    append_json(member.value(), out);
  }
  out += '}';
}

void print_array(const boost::json::array& array, std::string& out) {
  out += '[';
  bool first = true;
  for (const auto& element : array) {
    if (!first) out += ',';
    first = false;
    append_json(element, out);
  }
  out += ']';
}

}  // namespace

void append_json(double number, std::string& out) {
  if (number == 0.0 && std::signbit(number)) {
    out += "-0.0";  // "-0" reads back as the whole number 0
  } else if (std::isfinite(number)) {
    std::array<char, 32> text;  // 24 are the most that a double needs
    char* const end = fmt::format_to(text.data(), FMT_COMPILE("{}"), number);
    out.append(text.data(), static_cast<std::size_t>(end - text.data()));
  } else {
    out += "null";
  }
}

void append_json(std::string_view text, std::string& out) {
  constexpr std::string_view kShort = "btn.fr";  // of the characters 8 to 13; 11 has none
  out += '"';
  std::size_t plain = 0;  // what is yet to be copied begins here
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte >= 0x20 && byte != '"' && byte != '\\') continue;
    out.append(text, plain, i - plain);
    plain = i + 1;
    if (byte >= 0x20) {
      out += '\\';
      out += text[i];
    } else if (byte >= 8 && byte <= 13 && byte != 11) {
      out += '\\';
      out += kShort[byte - 8U];
    } else {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", byte);
    }
  }
  out.append(text, plain);
  out += '"';
}

void append_json(const boost::json::value& value, std::string& out) {
  switch (value.kind()) {
    case boost::json::kind::object: return print_object(value.get_object(), out);
    case boost::json::kind::array: return print_array(value.get_array(), out);
    case boost::json::kind::string: return append_json(std::string_view(value.get_string()), out);
    case boost::json::kind::double_: return append_json(value.get_double(), out);
    case boost::json::kind::int64: out += fmt::format_int(value.get_int64()).c_str(); return;
    case boost::json::kind::uint64: out += fmt::format_int(value.get_uint64()).c_str(); return;
    case boost::json::kind::bool_: out += value.get_bool() ? "true" : "false"; return;
    case boost::json::kind::null: out += "null"; return;
  }
}

tl::expected<boost::json::value, JsonError> parse_json(std::string_view text) {
  boost::json::parse_options options;
  options.max_depth = kMaxJsonDepth;
  boost::json::basic_parser<StrictHandler> parser(options);
  error_code error;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), error);
  if (parser.handler().problem) return tl::unexpected(std::move(*parser.handler().problem));
  if (!error && used < text.size()) error = boost::json::error::extra_data;
  if (error) {
    std::string what = error == boost::json::error::too_deep
                           ? fmt::format("nested deeper than {} levels", kMaxJsonDepth)
                           : fmt::format("invalid JSON at byte {}: {}", used + 1, error.message());
    return tl::unexpected(JsonError{parser.handler().location(), std::move(what)});
  }
  return parser.handler().stack.release();
}

std::vector<std::string> texts_of(const std::vector<boost::json::value>& loc) {
  std::vector<std::string> texts;
  for (const boost::json::value& step : loc) {
    texts.push_back(step.is_string() ? std::string(std::string_view(step.get_string())) : print_json(step));
  }
  return texts;
}

std::string join_location(const std::vector<std::string>& loc) {
  std::string joined;
  for (const std::string& step : loc) {
    if (!joined.empty()) joined += '.';
    joined += step;
  }
  return joined;
}

std::string print_json(const boost::json::value& value) {
  std::string out;
  append_json(value, out);
  return out;
}

std::string describe_json(const boost::json::value& value) {
  switch (value.kind()) {
    case boost::json::kind::null: return "null";
    case boost::json::kind::string: return "text " + quote_text(std::string_view(value.get_string()));
    case boost::json::kind::object: return "an object";
    case boost::json::kind::array: return "an array";
    default: return print_json(value);
  }
}

}  // namespace topoforge
