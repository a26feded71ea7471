#include "topoforge/adapters/http/json_string.hpp"

#include <fmt/format.h>

#include "topoforge/codec/text/quote.hpp"

namespace topoforge::http {
namespace {

void append_character(std::string& json, char c) {
  if (c == '"' || c == '\\') {
    json.push_back('\\');
    json.push_back(c);
  } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
    json += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
  } else {
    json.push_back(c);
  }
}

}  // namespace

std::string json_string(std::string_view text) {
  std::string json = "\"";
  json.reserve(text.size() + 2);
  while (!text.empty()) {
    const std::size_t valid = valid_utf8_prefix(text);
    for (const char c : text.substr(0, valid)) append_character(json, c);
    text.remove_prefix(valid);
    if (text.empty()) break;
    json += "\xef\xbf\xbd";
    text.remove_prefix(1);
  }
  json.push_back('"');
  return json;
}

}  // namespace topoforge::http
