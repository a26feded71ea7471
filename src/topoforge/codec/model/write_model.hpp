#pragma once

#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "topoforge/codec/model/model.hpp"
#include "topoforge/codec/text/timestamp.hpp"

/// Purpose: a model as JSON. Every member is written: an optional that is empty as null unless its rule leaves it out,
/// a time as ISO 8601 text, an enumerator as its text. Thread safety: pure.
namespace topoforge {

template <class T>
boost::json::value write_model(const T& value) {
  if constexpr (Model<T>) {
    boost::json::object json;
    json.reserve(kMemberCount<T>);
    for_each_member<T>([&](auto member) {
      const auto& part = value.*member.pointer;
      if constexpr (kIsOptional<std::remove_cvref_t<decltype(part)>> && rule_of<T, decltype(member)>().left_out) {
        if (!part) return;
      }
      json.emplace(member.name, write_model(part));
    });
    return json;
  } else if constexpr (kIsOptional<T>) {
    return value ? write_model(*value) : boost::json::value(nullptr);
  } else if constexpr (std::is_same_v<T, std::vector<double>>) {
    return boost::json::array(value.begin(), value.end());
  } else if constexpr (kIsList<T>) {
    boost::json::array json;
    json.reserve(value.size());
    for (const auto& item : value) json.emplace_back(write_model(item));
    return json;
  } else if constexpr (kIsMap<T> || kIsNamedList<T>) {
    boost::json::object json;
    json.reserve(value.size());
    for (const auto& [name, item] : value) json[name] = write_model(item);
    return json;
  } else if constexpr (kIsVariant<T>) {
    return std::visit([](const auto& alternative) { return write_model(alternative); }, value);
  } else if constexpr (std::is_same_v<T, Timestamp>) {
    return boost::json::string(format_timestamp(value));
  } else if constexpr (DescribedEnum<T>) {
    return boost::json::string(enum_text(value));
  } else {
    return boost::json::value(value);
  }
}

}  // namespace topoforge
