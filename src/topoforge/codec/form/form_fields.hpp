#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "topoforge/codec/form/form.hpp"

/// Purpose: gathers the fields of a form within its limits; both formats end here. Thread safety: one owner at a time.
namespace topoforge {

class FormFields {
 public:
  /// Errors: invalid_data for a name that is empty, and for NUL or bytes that are no UTF-8 in either; limit_exceeded.
  Result<void> add(std::string name, std::string value);
  std::vector<FormField> take() { return std::move(fields_); }

 private:
  std::vector<FormField> fields_;
};

/// "the field 'name'" for messages.
std::string field_called(std::string_view name);

}  // namespace topoforge
