#pragma once

#include <string_view>

#include <toml++/toml.h>

/// Purpose: how messages call what stands in a TOML file. Thread safety: pure.
namespace topoforge {

inline std::string_view kind_of(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table: return "a table";
    case toml::node_type::array: return "an array";
    case toml::node_type::string: return "a text";
    case toml::node_type::integer: return "a whole number";
    case toml::node_type::floating_point: return "a number";
    case toml::node_type::boolean: return "a boolean";
    default: return "a date or time";
  }
}

}  // namespace topoforge
