#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

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

DocumentedBody json_body(std::string_view name) {
  return {.media_type = "application/json", .schema = [name](SchemaCollection&) { return reference(name); }};
}

/// OpenAPI's `content`.
object contents_of(const std::vector<DocumentedBody>& bodies, SchemaCollection& schemas) {
  std::map<std::string, array> alternatives;
  for (const DocumentedBody& body : bodies) alternatives[body.media_type].push_back(body.schema(schemas));
  object contents;
  for (auto& [media_type, several] : alternatives) {
    object schema = several.size() == 1 ? several.front().as_object() : object{{"anyOf", std::move(several)}};
    contents[media_type] = object{{"schema", std::move(schema)}};
  }
  return contents;
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

  std::set<unsigned> errors(declaration.errors.begin(), declaration.errors.end());
  if (declaration.access != Access::anyone) {
    errors.insert({401, 403});
    operation["security"] = declaration.access == Access::stream ? array{object{}, object{{"bearer", array{}}}}
                                                                 : array{object{{"bearer", array{}}}};
  }
  if (declaration.limit != RateLimitClass::none) errors.insert(429);
  if (route.query) errors.insert(422);
  if (!route.bodies.taken.empty()) {
    errors.insert({413, 422});
    object contents = contents_of(route.bodies.taken, schemas);
    const boost::json::value& example = route.bodies.example;
    if (!example.is_null()) contents.at("application/json").as_object()["example"] = example;
    operation["requestBody"] = object{{"required", true}, {"content", std::move(contents)}};
  }
  errors.insert({400, 503});

  std::map<unsigned, std::vector<DocumentedBody>> answers = route.bodies.answered;
  answers.try_emplace(declaration.status);
  if (errors.contains(422)) answers[422].push_back(json_body("ValidationError"));
  for (const unsigned status : errors) answers[status].push_back(json_body("ErrorMessage"));
  object responses;
  for (const auto& [status, bodies] : answers) {
    object answer{{"description", meaning(status)}};
    if (!bodies.empty()) answer["content"] = contents_of(bodies, schemas);
    responses[std::to_string(status)] = std::move(answer);
  }
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
