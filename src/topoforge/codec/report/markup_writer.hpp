#pragma once

#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

/// Purpose: builds markup line by line. What comes from outside goes through escape_markup() first.
/// Thread safety: one owner at a time.
namespace topoforge {

class MarkupWriter {
 public:
  template <class... Arguments>
  void add(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    fmt::format_to(std::back_inserter(out_), format, std::forward<Arguments>(arguments)...);
    out_.push_back('\n');
  }
  void add_text(std::string_view markup) { out_.append(markup); }
  [[nodiscard]] std::string text() const { return fmt::to_string(out_); }

 private:
  fmt::memory_buffer out_;
};

}  // namespace topoforge
