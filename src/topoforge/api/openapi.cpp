#include <map>
#include <string>
#include <utility>

#include "topoforge/api/route.hpp"

/// The OpenAPI document of a RouteTable: https://spec.openapis.org/oas/v3.1.0.
namespace topoforge::api {
namespace {

using boost::json::array;
using boost::json::object;

constexpr std::string_view kDescription =
    "Real-time anomaly detection with exact persistent homology.\n\n"
    "Errors are `{\"detail\": \"...\"}`, or `{\"detail\": [{\"loc\", \"msg\", \"type\"}]}` where a value of the "
    "request "
    "is wrong.\n\n"
    "Sign in with `POST /api/auth/login` and send `Authorization: Bearer <access_token>`.\n\n"
    "`WS /ws/stream` takes events and gives every analysis as "
    "`{\"type\": \"analysis\", \"data\": {...}, \"original_event\": {...}}`.";

std::string_view meaning(unsigned status) {
  static constexpr std::pair<unsigned, std::string_view> kMeanings[] = {
      {200, "OK"},
      {201, "Created"},
      {202, "Accepted"},
      {204, "Done; no content"},
      {400, "The request is malformed, or cannot be done as it is"},
      {401, "A token is missing, expired or not valid"},
      {403, "The account's role does not suffice"},
      {404, "There is no such thing"},
      {409, "It was changed meanwhile, or is taken"},
      {413, "The body is too large"},
      {415, "The body is of another kind"},
      {422, "A value of the request is wrong"},
      {429, "Too many requests; Retry-After says when to try again"},
      {503, "Not now; Retry-After says when to try again"},
  };
  for (const auto& [code, text] : kMeanings) {
    if (code == status) return text;
  }
  return "Another answer";
}

object reference(std::string_view name) { return {{"$ref", "#/components/schemas/" + std::string(name)}}; }

object error_answer(unsigned status) {
  const object schema = status == 422
                            ? object{{"anyOf", array{reference("ValidationError"), reference("ErrorMessage")}}}
                            : reference("ErrorMessage");
  return {{"description", meaning(status)}, {"content", {{"application/json", {{"schema", schema}}}}}};
}

/// Schemas of errors, which no model makes.
void add_error_schemas(object& schemas) {
  schemas["ErrorMessage"] = {{"type", "object"},
                             {"title", "ErrorMessage"},
                             {"properties", {{"detail", {{"type", "string"}}}}},
                             {"required", array{"detail"}}};
  const object place{{"anyOf", array{object{{"type", "string"}}, object{{"type", "integer"}}}}};
  const object detail{
      {"type", "object"},
      {"properties",
       {{"loc", {{"type", "array"}, {"items", place}}}, {"msg", {{"type", "string"}}}, {"type", {{"type", "string"}}}}},
      {"required", array{"loc", "msg", "type"}}};
  schemas["ValidationError"] = {{"type", "object"},
                                {"title", "ValidationError"},
                                {"properties", {{"detail", {{"type", "array"}, {"items", detail}}}}},
                                {"required", array{"detail"}}};
}

/// `{id}` in a path.
array path_parameters(std::string_view path) {
  array parameters;
  for (std::size_t start = path.find('{'); start != std::string_view::npos; start = path.find('{', start + 1)) {
    const std::size_t end = path.find('}', start);
    parameters.push_back(object{{"name", path.substr(start + 1, end - start - 1)},
                                {"in", "path"},
                                {"required", true},
                                {"schema", {{"type", "string"}, {"minLength", 1}}}});
  }
  return parameters;
}

/// "get_api_users_id" of GET /api/users/{id}.
std::string operation_id(const RouteDeclaration& declaration) {
  std::string id;
  for (const char c : declaration.method) id.push_back(static_cast<char>(c - 'A' + 'a'));
  for (const char c : declaration.path) {
    const bool word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    if (word) id.push_back(c);
    if (c == '/' && id.back() != '_') id.push_back('_');
  }
  while (id.back() == '_') id.pop_back();
  return id;
}

std::string path_item_key(const RouteDeclaration& declaration) {
  std::string key;
  for (const char c : declaration.method) key.push_back(static_cast<char>(c - 'A' + 'a'));
  return key;
}

}  // namespace

object RouteTable::operation(const Route& route, SchemaCollection& schemas) {
  const RouteDeclaration& declaration = route.declaration;
  object operation{
      {"tags", array{declaration.tag}}, {"summary", declaration.summary}, {"operationId", operation_id(declaration)}};
  if (!declaration.description.empty()) operation["description"] = declaration.description;
  array parameters = path_parameters(declaration.path);
  if (route.query) {
    for (auto& parameter : route.query(schemas)) parameters.push_back(std::move(parameter));
  }
  if (!parameters.empty()) operation["parameters"] = std::move(parameters);

  std::map<unsigned, object> answers;
  answers[declaration.status] = {{"description", meaning(declaration.status)}};
  if (declaration.status != 204) {
    const object schema = route.reply_schema ? route.reply_schema(schemas) : object{};
    object contents;
    for (const std::string& type : declaration.content_types) contents[type] = object{{"schema", schema}};
    answers[declaration.status]["content"] = std::move(contents);
  }
  std::vector<unsigned> errors = declaration.errors;
  if (declaration.access != Access::anyone) {
    errors.insert(errors.end(), {401, 403});
    operation["security"] = declaration.access == Access::stream ? array{object{}, object{{"bearer", array{}}}}
                                                                 : array{object{{"bearer", array{}}}};
  }
  if (declaration.limit != RateLimitClass::none) errors.push_back(429);
  if (route.query || route.body_schema) errors.push_back(422);
  if (route.body_schema) {
    errors.insert(errors.end(), {413, 415});
    const object content{{"schema", route.body_schema(schemas)}};
    object contents{{"application/json", content}};
    if (declaration.form) {
      contents["application/x-www-form-urlencoded"] = content;
      contents["multipart/form-data"] = content;
    }
    operation["requestBody"] = object{{"required", true}, {"content", std::move(contents)}};
  }
  if (!declaration.request_body.empty()) {
    operation["requestBody"] = declaration.request_body;
    errors.insert(errors.end(), {413, 422});
  }
  errors.insert(errors.end(), {400, 503});
  for (const unsigned status : errors) answers[status] = error_answer(status);
  object responses;
  for (auto& [status, answer] : answers) responses[std::to_string(status)] = std::move(answer);
  operation["responses"] = std::move(responses);
  return operation;
}

object RouteTable::openapi(std::string_view version) const {
  SchemaCollection schemas;
  object paths;
  for (const Route& route : routes_) {
    if (!route.declaration.documented) continue;
    if (!paths.contains(route.declaration.path)) paths[route.declaration.path] = object{};
    paths[route.declaration.path].as_object()[path_item_key(route.declaration)] = operation(route, schemas);
  }
  object all_schemas = schemas.schemas();
  add_error_schemas(all_schemas);
  return {{"openapi", "3.1.0"},
          {"info", {{"title", "TopoForge"}, {"version", version}, {"description", kDescription}}},
          {"paths", std::move(paths)},
          {"components",
           {{"schemas", std::move(all_schemas)},
            {"securitySchemes", {{"bearer", {{"type", "http"}, {"scheme", "bearer"}, {"bearerFormat", "JWT"}}}}}}}};
}

void add_openapi(http::Router& router, const RouteTable& table, std::string_view version) {
  router.add(
      "GET", "/openapi.json",
      [document = print_json(table.openapi(version))](const http::Request&) -> http::Task<http::Response> {
        co_return http::Response{.status = 200, .body = document};
      },
      http::Pages::any);
}

}  // namespace topoforge::api
