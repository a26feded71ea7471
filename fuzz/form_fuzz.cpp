#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "require.hpp"
#include "topoforge/codec/form/form.hpp"
#include "topoforge/codec/text/quote.hpp"

// A Content-Type (the first line) and a body are read as a form or refused. What was read keeps to the limits, and
// written again, in either format, it reads back as the same.

namespace topoforge {
namespace {

void check_limits(const std::vector<FormField>& fields) {
  require(fields.size() <= kMaxFormFields, "the number of fields is bounded");
  for (const FormField& field : fields) {
    require(!field.name.empty() && field.name.size() <= kMaxFormNameBytes, "a name has a size in its bounds");
    require(field.value.size() <= kMaxFormValueBytes, "a value has a size in its bounds");
    for (const std::string* text : {&field.name, &field.value}) {
      require(text->find('\0') == std::string::npos, "a form holds no NUL");
      require(valid_utf8_prefix(*text) == text->size(), "a form is UTF-8");
    }
  }
}

std::string urlencoded(const std::vector<FormField>& fields) {
  std::string body;
  const auto escape = [&](std::string_view text) {
    for (const char c : text) body += fmt::format("%{:02x}", static_cast<unsigned char>(c));
  };
  for (const FormField& field : fields) {
    if (!body.empty()) body += '&';
    escape(field.name);
    body += '=';
    escape(field.value);
  }
  return body;
}

/// Nothing where a text does not fit: a name with a control byte, a value with the boundary.
std::string multipart(const std::vector<FormField>& fields) {
  std::string body;
  for (const FormField& field : fields) {
    std::string name;
    for (const char c : field.name) {
      if (static_cast<unsigned char>(c) < 0x20U || c == '\x7f') return {};
      if (c == '"' || c == '\\') name += '\\';
      name += c;
    }
    if (field.value.find("--fuzz") != std::string::npos) return {};
    body += fmt::format("--fuzz\r\nContent-Disposition: form-data; name=\"{}\"\r\n\r\n{}\r\n", name, field.value);
  }
  return body + "--fuzz--\r\n";
}

void fuzz(std::string_view text) {
  const std::size_t line = text.find('\n');
  if (line == std::string_view::npos) return;
  const std::string_view content_type = text.substr(0, line);
  const auto fields = parse_form(content_type, text.substr(line + 1));
  if (!fields) {
    const ErrorCode code = fields.error().code;
    require(code == ErrorCode::invalid_data || code == ErrorCode::limit_exceeded, "an error has its code");
    require(!fields.error().message.empty(), "an error says what is wrong");
    return;
  }
  require(is_form(content_type), "what is no form is not read");
  check_limits(*fields);
  if (const std::string body = urlencoded(*fields); body.size() <= kMaxFormBytes) {
    require(parse_form("application/x-www-form-urlencoded", body) == *fields, "an urlencoded form reads back");
  }
  if (const std::string body = multipart(*fields); !body.empty()) {
    require(parse_form("multipart/form-data; boundary=fuzz", body) == *fields, "a multipart form reads back");
  }
}

}  // namespace
}  // namespace topoforge

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  topoforge::fuzz({reinterpret_cast<const char*>(data), size});
  return 0;
}
