#pragma once

#include <chrono>
#include <cstddef>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <boost/describe.hpp>

#include "topoforge/core/event/event.hpp"

/// Purpose: models, the data that the program exchanges with others. A model is declared once,
///
///   struct Registration {
///     std::string username;
///     std::optional<std::string> full_name;
///     int age = 18;
///     static constexpr auto model() {
///       return topoforge::model("Registration", "What an account is made of",
///                               field(&Registration::username, {.about = "Name to sign in with", .min_length = 3}),
///                               field(&Registration::age, {.least = 0, .has_default = true}));
///     }
///   };
///   BOOST_DESCRIBE_STRUCT(Registration, (), (username, full_name, age))
///
/// and from this come its reading with validation (read_model.hpp), its JSON (write_model.hpp) and its JSON Schema
/// (schema.hpp). A struct of another floor is described beside its codec, and declared there by model_of(). Members are
/// bool, integers, double, text, Timestamp, described enumerations, boost::json::object for what is free,
/// std::optional, std::vector and std::map<std::string, ...> of these, and other models; of what is written alone, also
/// std::variant of models, and a vector of names and values for a map in its own order. A name in JSON is the name of
/// the member. A member need not be given if it is a std::optional (null and absent are the same) or has_default.
/// Thread safety: pure.
namespace topoforge {

inline constexpr std::size_t kMaxModelText = 4096;     ///< characters, unless a rule says otherwise
inline constexpr std::size_t kMaxModelItems = 10'000;  ///< of arrays and maps, likewise

/// Says what is wrong with a text, or nothing.
using TextCheck = std::optional<std::string> (*)(std::string_view text);

/// What is asked of a member beyond its type; of what is in it, for optionals and, but for the lengths, for arrays and
/// maps.
struct Rule {
  std::string_view about = {};
  double least = -std::numeric_limits<double>::infinity();  ///< of numbers
  double most = std::numeric_limits<double>::infinity();
  std::size_t min_length = 0;                  ///< characters of a text, items of an array or map
  std::optional<std::size_t> max_length = {};  ///< kMaxModelText, kMaxModelItems
  TextCheck check = nullptr;
  std::string_view pattern = {};  ///< regular expression (ECMA-262) for the schema; `check` is what enforces it
  std::string_view format = {};   ///< JSON Schema's word for texts: "email", "uri", "password"
  bool has_default = false;       ///< when it is absent, the member is as in a model made by default
  bool left_out = false;          ///< an optional that is empty is not written; else it is null
  std::string_view example = {};
};

template <class T, class M>
struct Field {
  M T::*member;
  Rule rule;
};
template <class T, class M>
constexpr Field<T, M> field(M T::*member, Rule rule) {
  return {member, rule};
}

template <class... F>
struct ModelDeclaration {
  std::string_view name;  ///< of its schema, unique in the program
  std::string_view about;
  std::tuple<F...> fields;
};
template <class... F>
constexpr ModelDeclaration<F...> model(std::string_view name, std::string_view about, F... fields) {
  return {name, about, std::tuple<F...>(fields...)};
}

/// Of a struct that is derived from a declared one: with the rules of that.
template <class Base, class... F>
constexpr auto model_extending(std::string_view name, std::string_view about, F... fields) {
  return std::apply([&](const auto&... inherited) { return model(name, about, inherited..., fields...); },
                    Base::model().fields);
}

/// A described struct. Without a declaration there are no rules, and no schema.
template <class T>
concept Model = boost::describe::has_describe_members<T>::value;
/// The declaration of a model: its own, or one in the namespace of a struct that has none.
template <class T>
  requires requires { T::model(); }
constexpr auto model_of(std::type_identity<T>) {
  return T::model();
}
template <class T>
concept DeclaredModel = Model<T> && requires(std::type_identity<T> type) { model_of(type); };

template <class T>
concept DescribedEnum = std::is_enum_v<T> && boost::describe::has_describe_enumerators<T>::value;

template <Model T>
inline constexpr std::size_t kMemberCount = boost::mp11::mp_size<
    boost::describe::describe_members<T, boost::describe::mod_public | boost::describe::mod_inherited>>::value;

/// Calls function(descriptor) for each public member, bases first.
template <Model T, class Function>
constexpr void for_each_member(Function function) {
  boost::mp11::mp_for_each<
      boost::describe::describe_members<T, boost::describe::mod_public | boost::describe::mod_inherited>>(function);
}

namespace model_detail {

template <class Descriptor, class T, class M>
constexpr bool is_field_of(const Field<T, M>& field) {
  if constexpr (std::is_same_v<std::remove_cv_t<decltype(Descriptor::pointer)>, M T::*>) {
    return field.member == Descriptor::pointer;
  } else {
    return false;
  }
}

}  // namespace model_detail

/// What is asked of each item of an array or map.
constexpr Rule rule_of_items(Rule rule) {
  rule.min_length = 0;
  rule.max_length.reset();
  return rule;
}

/// The rule that T declares for the described member; the default one if there is none.
template <Model T, class Descriptor>
constexpr Rule rule_of() {
  Rule rule;
  if constexpr (DeclaredModel<T>) {
    std::apply(
        [&rule](const auto&... fields) {
          (static_cast<void>(model_detail::is_field_of<Descriptor>(fields) && (rule = fields.rule, true)), ...);
        },
        model_of(std::type_identity<T>()).fields);
  }
  return rule;
}

/// The text of an enumerator: to_string(value) where the enumeration has it, else its name.
template <DescribedEnum E>
std::string_view enum_text(E value) {
  if constexpr (requires {
                  { to_string(value) } -> std::convertible_to<std::string_view>;
                }) {
    return to_string(value);
  } else {
    return boost::describe::enum_to_string(value, "");
  }
}
template <DescribedEnum E>
std::vector<std::string_view> enum_texts() {
  std::vector<std::string_view> texts;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<E>>(
      [&](auto enumerator) { texts.push_back(enum_text(enumerator.value)); });
  return texts;
}
template <DescribedEnum E>
std::optional<E> enum_from_text(std::string_view text) {
  std::optional<E> found;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<E>>([&](auto enumerator) {
    if (enum_text(enumerator.value) == text) found = enumerator.value;
  });
  return found;
}

template <class T>
inline constexpr bool kIsOptional = false;
template <class T>
inline constexpr bool kIsOptional<std::optional<T>> = true;
template <class T>
inline constexpr bool kIsList = false;
template <class T>
inline constexpr bool kIsList<std::vector<T>> = true;
template <class T>
inline constexpr bool kIsList<std::vector<std::pair<std::string, T>>> = false;
template <class T>
inline constexpr bool kIsMap = false;
template <class T>
inline constexpr bool kIsMap<std::map<std::string, T>> = true;
/// A map in its own order, which is written and not read.
template <class T>
inline constexpr bool kIsNamedList = false;
template <class T>
inline constexpr bool kIsNamedList<std::vector<std::pair<std::string, T>>> = true;
template <class T>
inline constexpr bool kIsVariant = false;
template <class... T>
inline constexpr bool kIsVariant<std::variant<T...>> = true;

}  // namespace topoforge
