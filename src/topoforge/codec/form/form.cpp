#include "topoforge/codec/form/form.hpp"

#include <fmt/format.h>

#include "topoforge/codec/form/header_value.hpp"
#include "topoforge/codec/form/multipart.hpp"
#include "topoforge/codec/form/urlencoded.hpp"
#include "topoforge/codec/text/lower_case.hpp"
#include "topoforge/codec/text/quote.hpp"

namespace topoforge {
namespace {

constexpr std::string_view kUrlencoded = "application/x-www-form-urlencoded";
constexpr std::string_view kMultipart = "multipart/form-data";

std::string media_type(std::string_view content_type) {
  content_type = content_type.substr(0, content_type.find(';'));
  while (content_type.ends_with(' ') || content_type.ends_with('\t')) content_type.remove_suffix(1);
  while (content_type.starts_with(' ') || content_type.starts_with('\t')) content_type.remove_prefix(1);
  return lower_case(content_type);
}

}  // namespace

bool is_form(std::string_view content_type) {
  const std::string type = media_type(content_type);
  return type == kUrlencoded || type == kMultipart;
}

Result<std::vector<FormField>> parse_form(std::string_view content_type, std::string_view body) {
  if (!is_form(content_type)) {
    return fail(ErrorCode::invalid_data, fmt::format("the Content-Type {} is no form; wanted {} or {}",
                                                     quote_text(content_type), kUrlencoded, kMultipart));
  }
  const auto type = parse_header_value(content_type);
  if (!type) return fail(ErrorCode::invalid_data, "in the Content-Type: " + type.error().message);
  if (!has_text_charset(*type)) return fail(ErrorCode::invalid_data, "the form's charset is not UTF-8");
  if (body.size() > kMaxFormBytes) {
    return fail(ErrorCode::limit_exceeded,
                fmt::format("a form of {} bytes; wanted at most {}", body.size(), kMaxFormBytes));
  }
  if (type->value == kUrlencoded) return parse_urlencoded(body);
  const std::string* const boundary = type->parameter("boundary");
  if (boundary == nullptr) return fail(ErrorCode::invalid_data, "the Content-Type of the form names no boundary");
  return parse_multipart(*boundary, body);
}

}  // namespace topoforge
