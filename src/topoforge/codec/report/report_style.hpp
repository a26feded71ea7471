#pragma once

#include <string_view>

/// Purpose: the look of a report page: its only style sheet, for light and dark. Thread safety: a constant.
namespace topoforge {

std::string_view report_style();

}  // namespace topoforge
