#include "topoforge/codec/form/form_fields.hpp"

#include <utility>

#include <fmt/format.h>

#include "topoforge/codec/text/quote.hpp"

namespace topoforge {
namespace {

/// What is wrong with the text in any part of a form, or nothing.
const char* fault_of(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) return "NUL";
  return valid_utf8_prefix(text) == text.size() ? nullptr : "bytes that are no UTF-8";
}

}  // namespace

std::string field_called(std::string_view name) { return fmt::format("the field {}", quote_text(name)); }

Result<void> FormFields::add(std::string name, std::string value) {
  if (fields_.size() == kMaxFormFields) {
    return fail(ErrorCode::limit_exceeded, fmt::format("a form of more than {} fields", kMaxFormFields));
  }
  if (name.empty()) return fail(ErrorCode::invalid_data, "a field has no name");
  if (name.size() > kMaxFormNameBytes) {
    return fail(ErrorCode::limit_exceeded, fmt::format("{} has a name of {} bytes; wanted at most {}",
                                                       field_called(name), name.size(), kMaxFormNameBytes));
  }
  if (const char* const fault = fault_of(name)) {
    return fail(ErrorCode::invalid_data, fmt::format("{} has {} in its name", field_called(name), fault));
  }
  if (value.size() > kMaxFormValueBytes) {
    return fail(ErrorCode::limit_exceeded, fmt::format("{} has {} bytes; wanted at most {}", field_called(name),
                                                       value.size(), kMaxFormValueBytes));
  }
  if (const char* const fault = fault_of(value)) {
    return fail(ErrorCode::invalid_data, fmt::format("{} has {} in its value", field_called(name), fault));
  }
  fields_.push_back({std::move(name), std::move(value)});
  return {};
}

}  // namespace topoforge
