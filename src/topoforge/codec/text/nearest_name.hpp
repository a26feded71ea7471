#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

/// Purpose: what somebody who mistyped a name may have meant. Thread safety: pure.
namespace topoforge {

/// The name that is fewest slips away (a character left out, put in, replaced, or two neighbours swapped; optimal
/// string alignment), with - and _ and upper and lower case as one; the first of several. Nothing when more than a
/// third of the name would have to change.
std::optional<std::string> nearest_name(std::string_view typed, std::span<const std::string> names);

}  // namespace topoforge
