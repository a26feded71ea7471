#include "topoforge/codec/model/schema.hpp"

#include <cassert>
#include <cmath>
#include <utility>

namespace topoforge {

namespace {

/// Whole bounds as integers, which read better than 1E0.
boost::json::value bound(double number) {
  if (std::trunc(number) == number && std::abs(number) < 1e15) return static_cast<std::int64_t>(number);
  return number;
}

}  // namespace

void SchemaCollection::add(std::string_view name, boost::json::object schema) {
  const auto found = schemas_.find(name);
  if (found == schemas_.end()) {
    schemas_[name] = std::move(schema);
  } else {
    assert(found->value() == boost::json::value(std::move(schema)) && "one name for two schemas");
  }
}

boost::json::object text_schema(SchemaUse use, const Rule& rule) {
  boost::json::object schema{{"type", "string"}};
  if (rule.min_length > 0) schema["minLength"] = rule.min_length;
  if (use == SchemaUse::reading || rule.max_length) schema["maxLength"] = rule.max_length.value_or(kMaxModelText);
  if (!rule.format.empty()) schema["format"] = rule.format;
  if (!rule.pattern.empty()) schema["pattern"] = rule.pattern;
  return schema;
}

boost::json::object time_schema(SchemaUse use) {
  boost::json::object text{{"type", "string"}, {"format", "date-time"}};
  if (use == SchemaUse::writing) return text;
  return {{"anyOf", boost::json::array{std::move(text), boost::json::object{{"type", "number"}}}}};
}

boost::json::object number_schema(std::string_view type, const Rule& rule) {
  boost::json::object schema{{"type", type}};
  if (std::isfinite(rule.least)) schema["minimum"] = bound(rule.least);
  if (std::isfinite(rule.most)) schema["maximum"] = bound(rule.most);
  return schema;
}

boost::json::object choice_schema(const std::vector<std::string_view>& choices) {
  boost::json::array list;
  for (const std::string_view choice : choices) list.emplace_back(choice);
  return {{"type", "string"}, {"enum", std::move(list)}};
}

boost::json::object or_null(boost::json::object schema) {
  return {{"anyOf", boost::json::array{std::move(schema), boost::json::object{{"type", "null"}}}}};
}

void add_size(boost::json::object& schema, SchemaUse use, const Rule& rule, std::string_view of_what) {
  if (rule.min_length > 0) schema["min" + std::string(of_what)] = rule.min_length;
  if (use == SchemaUse::reading || rule.max_length) {
    schema["max" + std::string(of_what)] = rule.max_length.value_or(kMaxModelItems);
  }
}

void add_about(boost::json::object& schema, const Rule& rule) {
  if (!rule.about.empty()) schema["description"] = rule.about;
  if (!rule.example.empty()) schema["examples"] = boost::json::array{rule.example};
}

}  // namespace topoforge
