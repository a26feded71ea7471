#pragma once

#include <string>
#include <string_view>

/// Purpose: outside text inside XML and HTML. Thread safety: pure.
namespace topoforge {

/// The text so that it may stand between tags and in a quoted attribute: & < > " ' as entities; control bytes and bytes
/// that are no UTF-8 as U+FFFD. O(bytes).
std::string escape_markup(std::string_view text);

}  // namespace topoforge
