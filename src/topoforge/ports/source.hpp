#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include <boost/describe.hpp>

#include "topoforge/ports/records.hpp"

/// Purpose: where events come from, as people list it. Thread safety: values.
namespace topoforge {

struct Source : RecordHead {
  std::string name;
  std::string name_key;  ///< in lower case, so that no two differ by case alone
  std::string description;
  std::string type;
  std::optional<std::string> protocol;
  std::string url;
  bool active = true;
  std::string created_by;  ///< username
  Timestamp created_at;
  Timestamp updated_at;
};
BOOST_DESCRIBE_STRUCT(Source, (RecordHead),
                      (name, name_key, description, type, protocol, url, active, created_by, created_at, updated_at))

template <>
struct RecordTraits<Source> {
  static constexpr std::string_view kCollection = "sources";
  static constexpr std::array<std::string_view, 1> kUniqueFields{"name_key"};
  static constexpr std::array<std::string_view, 0> kIndexedFields{};
};

}  // namespace topoforge
