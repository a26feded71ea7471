#pragma once

#include <concepts>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <tl/expected.hpp>

#include "topoforge/codec/json/json_text.hpp"
#include "topoforge/codec/model/detail.hpp"
#include "topoforge/codec/model/model.hpp"

/// Purpose: a model out of JSON, or out of the texts of a query or form. All that is wrong is told, up to
/// kMaxModelDetails, each with its place. What the model does not have is ignored. A text is UTF-8 without NUL; a
/// number is no text and a text is no number, except in texts of a query or form. A model may have a member function
/// `std::optional<Detail> inconsistency() const` for what no member alone can tell; its loc begins below the model.
/// Thread safety: pure.
namespace topoforge {

inline constexpr std::size_t kMaxModelDetails = 100;

/// Name and text, in their order: a query or a form.
using TextFields = std::vector<std::pair<std::string, std::string>>;

/// Where the reader is, and what it has found.
class ModelReader {
 public:
  explicit ModelReader(std::string_view root) { place_.emplace_back(root); }

  /// Reads a value of any type that a model may have; false, and a detail, when something is wrong.
  template <class T>
  bool read(const boost::json::value& json, const Rule& rule, T& target);
  template <Model T>
  bool read_model(const boost::json::object& json, T& target);
  /// Members that are models or maps cannot be given as text.
  template <Model T>
  bool read_fields(const TextFields& fields, T& target);

  /// Notes what is wrong here; returns false.
  bool wrong(std::string_view type, std::string message);
  [[nodiscard]] Details take_details() { return std::move(details_); }

 private:
  template <Model T>
  bool check_consistency(const T& target);
  bool note(Detail detail);
  bool read_bool(const boost::json::value& json, bool& target);
  bool read_integer(const boost::json::value& json, const Rule& rule, std::int64_t& target);
  bool read_number(const boost::json::value& json, const Rule& rule, double& target);
  bool read_text(const boost::json::value& json, const Rule& rule, std::string& target);
  bool read_time(const boost::json::value& json, Timestamp& target);
  bool wrong_choice(const boost::json::value& json, const std::vector<std::string_view>& choices);
  bool check_size(std::size_t size, const Rule& rule, std::string_view of_what);
  bool check_range(double number, const Rule& rule);
  /// "int_type" for JSON, "int_parsing" for a field.
  [[nodiscard]] std::string type_of_wrong(std::string_view wanted) const;

  template <class Step, class Function>
  bool at(Step step, Function function) {
    place_.emplace_back(std::move(step));
    const bool good = function();
    place_.pop_back();
    return good;
  }
  static boost::json::string key(std::string_view name) { return boost::json::string(name); }

  std::vector<boost::json::value> place_;
  Details details_;
  bool from_texts_ = false;
};

/// What the text of a field stands for as JSON; the text itself where it is no number or boolean.
boost::json::value number_of_field(const std::string& text);
boost::json::value bool_of_field(const std::string& text);
template <class T>
boost::json::value value_of_field(const std::string& text) {
  if constexpr (kIsOptional<T>) {
    return value_of_field<typename T::value_type>(text);
  } else if constexpr (std::is_same_v<T, bool>) {
    return bool_of_field(text);
  } else if constexpr (std::is_arithmetic_v<T> || std::is_same_v<T, Timestamp>) {
    return number_of_field(text);
  } else {
    return boost::json::string(text);
  }
}

/// root: what the details' loc begins with: "body", "query".
template <Model T>
tl::expected<T, Details> read_model(const boost::json::value& json, std::string_view root = "body") {
  ModelReader reader(root);
  T model{};
  if (reader.read(json, {}, model)) return model;
  return tl::unexpected(reader.take_details());
}

/// Of JSON text: malformed text is a detail of type json_invalid.
template <Model T>
tl::expected<T, Details> read_model_text(std::string_view text, std::string_view root = "body");

template <Model T>
tl::expected<T, Details> read_model_fields(const TextFields& fields, std::string_view root) {
  ModelReader reader(root);
  T model{};
  if (reader.read_fields(fields, model)) return model;
  return tl::unexpected(reader.take_details());
}

/// JSON text as a value, or the detail that says where it ends to be JSON.
tl::expected<boost::json::value, Details> read_json_text(std::string_view text, std::string_view root);

template <Model T>
tl::expected<T, Details> read_model_text(std::string_view text, std::string_view root) {
  const auto json = read_json_text(text, root);
  if (!json) return tl::unexpected(json.error());
  return read_model<T>(*json, root);
}

template <class T>
bool ModelReader::read(const boost::json::value& json, const Rule& rule, T& target) {
  if constexpr (Model<T>) {
    const auto* const object = json.if_object();
    if (object == nullptr) return wrong("model_type", "wanted an object, got " + describe_json(json));
    return read_model(*object, target);
  } else if constexpr (kIsOptional<T>) {
    target.reset();
    return json.is_null() || read(json, rule, target.emplace());
  } else if constexpr (kIsList<T>) {
    const auto* const array = json.if_array();
    if (array == nullptr) return wrong("list_type", "wanted an array, got " + describe_json(json));
    if (!check_size(array->size(), rule, "items")) return false;
    target.assign(array->size(), {});
    const Rule item_rule = rule_of_items(rule);
    bool good = true;
    for (std::size_t i = 0; i < array->size(); ++i) {
      good &= at(static_cast<std::int64_t>(i), [&] { return read((*array)[i], item_rule, target[i]); });
    }
    return good;
  } else if constexpr (kIsMap<T>) {
    const auto* const object = json.if_object();
    if (object == nullptr) return wrong("dict_type", "wanted an object, got " + describe_json(json));
    if (!check_size(object->size(), rule, "members")) return false;
    target.clear();
    const Rule item_rule = rule_of_items(rule);
    bool good = true;
    for (const auto& member : *object) {
      const std::string name(member.key());
      good &= at(key(name), [&] { return read(member.value(), item_rule, target[name]); });
    }
    return good;
  } else if constexpr (std::is_same_v<T, boost::json::object>) {
    if (!json.is_object()) return wrong("dict_type", "wanted an object, got " + describe_json(json));
    target = json.get_object();
    return true;
  } else if constexpr (std::is_same_v<T, bool>) {
    return read_bool(json, target);
  } else if constexpr (std::integral<T>) {
    std::int64_t number = 0;
    if (!read_integer(json, rule, number)) return false;
    if (!std::in_range<T>(number)) {
      return wrong(number < 0 ? "greater_than_equal" : "less_than_equal",
                   fmt::format("wanted a whole number from {} to {}, got {}", std::numeric_limits<T>::min(),
                               std::numeric_limits<T>::max(), number));
    }
    target = static_cast<T>(number);
    return true;
  } else if constexpr (std::is_same_v<T, double>) {
    return read_number(json, rule, target);
  } else if constexpr (std::is_same_v<T, Timestamp>) {
    return read_time(json, target);
  } else if constexpr (DescribedEnum<T>) {
    const auto* const text = json.if_string();
    const std::optional<T> choice = text != nullptr ? enum_from_text<T>(std::string_view(*text)) : std::nullopt;
    if (!choice) return wrong_choice(json, enum_texts<T>());
    target = *choice;
    return true;
  } else {
    static_assert(std::is_same_v<T, std::string>, "a type that a model cannot have");
    return read_text(json, rule, target);
  }
}

template <Model T>
bool ModelReader::read_model(const boost::json::object& json, T& target) {
  bool good = true;
  for_each_member<T>([&](auto member) {
    using M = std::remove_cvref_t<decltype(target.*member.pointer)>;
    constexpr Rule kRule = rule_of<T, decltype(member)>();
    good &= at(key(member.name), [&] {
      if (const auto* const value = json.if_contains(member.name)) return read(*value, kRule, target.*member.pointer);
      return kIsOptional<M> || kRule.has_default || wrong("missing", "wanted, but not there");
    });
  });
  return good && check_consistency(target);
}

template <Model T>
bool ModelReader::read_fields(const TextFields& fields, T& target) {
  from_texts_ = true;
  bool good = true;
  for_each_member<T>([&](auto member) {
    using M = std::remove_cvref_t<decltype(target.*member.pointer)>;
    constexpr Rule kRule = rule_of<T, decltype(member)>();
    boost::json::array values;
    for (const auto& [name, text] : fields) {
      if constexpr (kIsList<M>) {
        if (name == member.name) values.push_back(value_of_field<typename M::value_type>(text));
      } else {
        if (name == member.name) values.push_back(value_of_field<M>(text));
      }
    }
    good &= at(key(member.name), [&] {
      if (values.empty()) return kIsOptional<M> || kRule.has_default || wrong("missing", "wanted, but not there");
      if constexpr (kIsList<M>) {
        return read(values, kRule, target.*member.pointer);
      } else {
        if (values.size() > 1) return wrong("value_error", "wanted once, got several times");
        return read(values.front(), kRule, target.*member.pointer);
      }
    });
  });
  return good && check_consistency(target);
}

template <Model T>
bool ModelReader::check_consistency(const T& target) {
  if constexpr (requires { target.inconsistency(); }) {
    if (std::optional<Detail> found = target.inconsistency()) {
      found->loc.insert(found->loc.begin(), place_.begin(), place_.end());
      return note(std::move(*found));
    }
  }
  return true;
}

}  // namespace topoforge
