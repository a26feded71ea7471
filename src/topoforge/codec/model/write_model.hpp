#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "topoforge/codec/json/json_text.hpp"
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

/// What print_json() makes of write_model(value), at the end of `out`, without the value in between.
template <class T>
void append_model(const T& value, std::string& out) {
  const auto append_items = [&out](const auto& items, char open, char close, auto append_item) {
    out += open;
    bool first = true;
    for (const auto& item : items) {
      if (!std::exchange(first, false)) out += ',';
      append_item(item);
    }
    out += close;
  };
  if constexpr (Model<T>) {
    out += '{';
    bool first = true;
    for_each_member<T>([&](auto member) {
      const auto& part = value.*member.pointer;
      if constexpr (kIsOptional<std::remove_cvref_t<decltype(part)>> && rule_of<T, decltype(member)>().left_out) {
        if (!part) return;
      }
      out += std::exchange(first, false) ? "\"" : ",\"";
      out += member.name;
      out += "\":";
      append_model(part, out);
    });
    out += '}';
  } else if constexpr (kIsOptional<T>) {
    if (value) {
      append_model(*value, out);
    } else {
      out += "null";
    }
  } else if constexpr (kIsList<T>) {
    append_items(value, '[', ']', [&out](const auto& item) { append_model(item, out); });
  } else if constexpr (kIsMap<T> || kIsNamedList<T>) {
    append_items(value, '{', '}', [&out](const auto& item) {
      append_json(std::string_view(item.first), out);
      out += ':';
      append_model(item.second, out);
    });
  } else if constexpr (kIsVariant<T>) {
    std::visit([&out](const auto& alternative) { append_model(alternative, out); }, value);
  } else if constexpr (std::is_same_v<T, Timestamp>) {
    append_json(std::string_view(format_timestamp(value)), out);
  } else if constexpr (DescribedEnum<T>) {
    append_json(enum_text(value), out);
  } else if constexpr (std::is_same_v<T, double>) {
    append_json(value, out);
  } else if constexpr (std::is_convertible_v<T, std::string_view>) {
    append_json(std::string_view(value), out);
  } else {
    append_json(boost::json::value(value), out);
  }
}

template <class T>
std::string print_model(const T& value) {
  constexpr std::size_t kUsualBytes = 4096;  // an analysis, the most frequent one
  std::string out;
  out.reserve(kUsualBytes);
  append_model(value, out);
  return out;
}

}  // namespace topoforge
