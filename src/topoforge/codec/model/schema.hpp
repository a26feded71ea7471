#pragma once

#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "topoforge/codec/model/model.hpp"
#include "topoforge/codec/model/write_model.hpp"

/// Purpose: JSON Schema (draft 2020-12, the dialect of OpenAPI 3.1) of models. Thread safety: pure.
namespace topoforge {

/// Of what is read, members with a default need not be given; of what is written, every member is there unless its rule
/// leaves it out.
enum class SchemaUse { reading, writing };

/// Collects the schemas of models by name, for `components/schemas`.
class SchemaCollection {
 public:
  /// `{"$ref": "#/components/schemas/Name"}` for a model, which is then in the collection with those that it has;
  /// else the schema itself. A model that is used for reading and for writing, and differs, must have two names
  /// (asserted).
  template <class T>
  boost::json::object schema_of(SchemaUse use, const Rule& rule = {});
  /// The members of a model as they stand in a query: `[{name, required, description, schema}]`.
  template <DeclaredModel T>
  boost::json::array query_parameters();
  [[nodiscard]] const boost::json::object& schemas() const { return schemas_; }

 private:
  template <DeclaredModel T>
  boost::json::object members_of(SchemaUse use);
  void add(std::string_view name, boost::json::object schema);

  boost::json::object schemas_;
};

/// Of what is written, lengths are told only where a rule has them.
boost::json::object text_schema(SchemaUse use, const Rule& rule);
/// Of what is read, an epoch number too.
boost::json::object time_schema(SchemaUse use);
boost::json::object number_schema(std::string_view type, const Rule& rule);
boost::json::object choice_schema(const std::vector<std::string_view>& choices);
/// The schema, or null.
boost::json::object or_null(boost::json::object schema);
/// minItems, maxItems or minProperties, maxProperties.
void add_size(boost::json::object& schema, SchemaUse use, const Rule& rule, std::string_view of_what);
void add_about(boost::json::object& schema, const Rule& rule);

template <class T>
boost::json::object SchemaCollection::schema_of(SchemaUse use, const Rule& rule) {
  if constexpr (DeclaredModel<T>) {
    constexpr std::string_view kName = model_of(std::type_identity<T>()).name;
    add(kName, members_of<T>(use));
    return {{"$ref", "#/components/schemas/" + std::string(kName)}};
  } else if constexpr (kIsOptional<T>) {
    return or_null(schema_of<typename T::value_type>(use, rule));
  } else if constexpr (kIsList<T>) {
    boost::json::object schema{{"type", "array"},
                               {"items", schema_of<typename T::value_type>(use, rule_of_items(rule))}};
    add_size(schema, use, rule, "Items");
    return schema;
  } else if constexpr (kIsMap<T> || kIsNamedList<T>) {
    using Item = typename T::value_type::second_type;
    boost::json::object schema{{"type", "object"}, {"additionalProperties", schema_of<Item>(use, rule_of_items(rule))}};
    add_size(schema, use, rule, "Properties");
    return schema;
  } else if constexpr (kIsVariant<T>) {
    return [&]<class... Alternative>(const std::variant<Alternative...>*) {
      return boost::json::object{{"anyOf", boost::json::array{schema_of<Alternative>(use, rule)...}}};
    }(static_cast<const T*>(nullptr));
  } else if constexpr (std::is_same_v<T, boost::json::object>) {
    return {{"type", "object"}, {"additionalProperties", true}};
  } else if constexpr (std::is_same_v<T, bool>) {
    return {{"type", "boolean"}};
  } else if constexpr (std::integral<T>) {
    return number_schema("integer", rule);
  } else if constexpr (std::is_same_v<T, double>) {
    return number_schema("number", rule);
  } else if constexpr (std::is_same_v<T, Timestamp>) {
    return time_schema(use);
  } else if constexpr (DescribedEnum<T>) {
    return choice_schema(enum_texts<T>());
  } else {
    static_assert(std::is_same_v<T, std::string>, "a type that a model cannot have");
    return text_schema(use, rule);
  }
}

template <DeclaredModel T>
boost::json::object SchemaCollection::members_of(SchemaUse use) {
  constexpr auto kModel = model_of(std::type_identity<T>());
  boost::json::object properties;
  boost::json::array required;
  const T by_default{};
  for_each_member<T>([&](auto member) {
    using M = std::remove_cvref_t<decltype(by_default.*member.pointer)>;
    constexpr Rule kRule = rule_of<T, decltype(member)>();
    boost::json::object schema = schema_of<M>(use, kRule);
    if constexpr (kIsOptional<M>) {
      if (kRule.left_out) schema = schema_of<typename M::value_type>(use, kRule);
    }
    add_about(schema, kRule);
    const bool may_lack = kIsOptional<M> || kRule.has_default;
    if (use == SchemaUse::writing ? !kRule.left_out : !may_lack) {
      required.emplace_back(member.name);
    } else if (kRule.has_default) {
      schema["default"] = write_model(by_default.*member.pointer);
    }
    properties[member.name] = std::move(schema);
  });
  boost::json::object schema{
      {"type", "object"}, {"title", kModel.name}, {"description", kModel.about}, {"properties", properties}};
  if (!required.empty()) schema["required"] = std::move(required);
  return schema;
}

template <DeclaredModel T>
boost::json::array SchemaCollection::query_parameters() {
  boost::json::array parameters;
  const T by_default{};
  for_each_member<T>([&](auto member) {
    using M = std::remove_cvref_t<decltype(by_default.*member.pointer)>;
    constexpr Rule kRule = rule_of<T, decltype(member)>();
    boost::json::object schema;
    if constexpr (kIsOptional<M>) {
      schema = schema_of<typename M::value_type>(SchemaUse::reading, kRule);
    } else {
      schema = schema_of<M>(SchemaUse::reading, kRule);
      if (kRule.has_default) schema["default"] = write_model(by_default.*member.pointer);
    }
    boost::json::object parameter{{"name", member.name}, {"in", "query"}};
    parameter["required"] = !kIsOptional<M> && !kRule.has_default;
    if (!kRule.about.empty()) parameter["description"] = kRule.about;
    parameter["schema"] = std::move(schema);
    parameters.push_back(std::move(parameter));
  });
  return parameters;
}

}  // namespace topoforge
