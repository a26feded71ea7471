#include "topoforge/codec/form/header_value.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>

#include <fmt/format.h>

#include "topoforge/codec/text/lower_case.hpp"
#include "topoforge/codec/text/quote.hpp"

namespace topoforge {
namespace {

bool is_token_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_blank(char c) { return c == ' ' || c == '\t'; }

bool is_control(char c) { return (static_cast<unsigned char>(c) < 0x20U && c != '\t') || c == '\x7f'; }

/// What is left to read of a text.
class Rest {
 public:
  explicit Rest(std::string_view text) : text_(text) {}

  [[nodiscard]] bool at_end() const { return text_.empty(); }
  void skip_blanks() {
    while (!text_.empty() && is_blank(text_.front())) text_.remove_prefix(1);
  }
  bool skip(char c) {
    if (!text_.starts_with(c)) return false;
    text_.remove_prefix(1);
    return true;
  }
  /// Up to a blank, a semicolon or an equals sign.
  std::string_view word() {
    const std::string_view found = text_.substr(0, text_.find_first_of(" \t;="));
    text_.remove_prefix(found.size());
    return found;
  }
  /// After the opening quote; nothing without a closing one.
  std::optional<std::string> quoted() {
    std::string result;
    while (!text_.empty() && text_.front() != '"') {
      const bool escapes = text_.starts_with("\\\"") || text_.starts_with("\\\\");
      if (escapes) text_.remove_prefix(1);
      result += text_.front();
      text_.remove_prefix(1);
    }
    if (!skip('"')) return std::nullopt;
    return result;
  }

 private:
  std::string_view text_;
};

Result<std::pair<std::string, std::string>> read_parameter(Rest& rest) {
  const std::string_view name = rest.word();
  if (!is_token(name)) return fail(ErrorCode::invalid_data, fmt::format("{} names no parameter", quote_text(name)));
  if (!rest.skip('=')) return fail(ErrorCode::invalid_data, fmt::format("the parameter {} has no value", name));
  if (rest.skip('"')) {
    auto quoted = rest.quoted();
    if (!quoted) return fail(ErrorCode::invalid_data, fmt::format("the parameter {} has no closing quote", name));
    return std::pair(lower_case(name), std::move(*quoted));
  }
  const std::string_view value = rest.word();
  if (!is_token(value)) {
    return fail(ErrorCode::invalid_data, fmt::format("the parameter {} wants quotes round its value", name));
  }
  return std::pair(lower_case(name), std::string(value));
}

}  // namespace

const std::string* HeaderValue::parameter(std::string_view name) const {
  const auto found = std::find_if(parameters.begin(), parameters.end(), [&](const auto& p) { return p.first == name; });
  return found == parameters.end() ? nullptr : &found->second;
}

Result<HeaderValue> parse_header_value(std::string_view text) {
  if (std::any_of(text.begin(), text.end(), is_control)) {
    return fail(ErrorCode::invalid_data, "a control byte");
  }
  Rest rest(text);
  rest.skip_blanks();
  HeaderValue header{.value = lower_case(rest.word()), .parameters = {}};
  if (header.value.empty()) return fail(ErrorCode::invalid_data, "nothing stands before the parameters");
  for (;;) {
    rest.skip_blanks();
    if (rest.at_end()) return header;
    if (!rest.skip(';')) return fail(ErrorCode::invalid_data, "a semicolon is wanted before a parameter");
    rest.skip_blanks();
    if (rest.at_end()) return header;  // many programs end with a semicolon
    auto parameter = read_parameter(rest);
    if (!parameter) return tl::unexpected(std::move(parameter.error()));
    if (header.parameter(parameter->first) != nullptr) {
      return fail(ErrorCode::invalid_data, fmt::format("the parameter {} stands twice", parameter->first));
    }
    header.parameters.push_back(std::move(*parameter));
  }
}

bool has_text_charset(const HeaderValue& content_type) {
  const std::string* const charset = content_type.parameter("charset");
  if (charset == nullptr) return true;
  const std::string name = lower_case(*charset);
  return name == "utf-8" || name == "utf8" || name == "us-ascii";
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_character);
}

}  // namespace topoforge
