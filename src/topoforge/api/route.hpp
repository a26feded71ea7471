#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/asio/thread_pool.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <tl/expected.hpp>

#include "topoforge/adapters/http/message.hpp"
#include "topoforge/adapters/http/router.hpp"
#include "topoforge/adapters/http/task.hpp"
#include "topoforge/api/problem.hpp"
#include "topoforge/codec/model/read_model.hpp"
#include "topoforge/codec/model/schema.hpp"
#include "topoforge/codec/model/write_model.hpp"
#include "topoforge/ports/role.hpp"

/// Purpose: routes, each declared once:
///
///   routes.add({.method = "PUT", .path = "/api/users/{id}", .tag = "users", .summary = "Change an account"},
///              [&users](const Call& call, Body<AccountChange> change) -> http::Task<Reply<AccountView>> { ... });
///
/// From a declaration come the router's entry (with and without a slash at the end of the path), the check of the
/// token and the role, the rate limit, reading and validation of query and body, writing of the answer, and the entry
/// in the OpenAPI document. Thread safety: set up before the server runs; handlers run on the I/O thread.
namespace topoforge::api {

/// Who may call.
enum class Access {
  anyone,
  stream,  ///< anyone while the live stream is open, else viewers
  viewer,
  analyst,
  admin,
};

/// Which of the rate limits a call counts against.
enum class RateLimitClass { none, general, ingest, registration, mail };

/// The account behind a token, as it is in the store now.
struct Account {
  std::string user_id;
  std::string username;
  Role role = Role::viewer;
};

/// Lives until the handler's task is done.
struct Call {
  const http::Request& request;
  std::optional<Account> account;  ///< there whenever the route asks for a role

  /// `{id}` of the path.
  [[nodiscard]] std::string id() const { return std::string(request.parameter("id")); }
};

/// What a handler takes beside the call, in any order, each at most once.
template <Model T>
struct Body {
  T value{};
  const T* operator->() const { return &value; }
  const T& operator*() const { return value; }
};
template <Model T>
struct Query {
  T value{};
  const T* operator->() const { return &value; }
  const T& operator*() const { return value; }
};

/// An answer without a body.
struct NoContent {};

/// A model that was written already, where that takes long.
template <DeclaredModel T>
struct Rendered {
  using Value = T;
  std::string json;
};
template <class T>
inline constexpr bool kIsRendered = false;
template <class T>
inline constexpr bool kIsRendered<Rendered<T>> = true;

/// What a handler gives: a model or a vector of models, Rendered, NoContent, or http::Response, whose bodies the route
/// then declares by RouteDocument::answers().
template <class T>
using Reply = tl::expected<T, Problem>;

struct RouteDeclaration {
  std::string method;
  std::string path;  ///< "/api/users/{id}"
  std::string tag;
  std::string summary;
  std::string description = {};
  Access access = Access::viewer;
  /// Whose pages may call it: those of anybody where a secret is needed, or nothing is at stake.
  http::Pages pages = http::Pages::any;
  RateLimitClass limit = RateLimitClass::general;
  unsigned status = 200;                 ///< of success
  std::vector<unsigned> errors = {};     ///< that it answers beside those of its access, limit, query and body
  bool form = false;                     ///< a body may also be an urlencoded or multipart form
  std::size_t body_bytes = 256U << 10U;  ///< most of a body: 413
  bool documented = true;                ///< stands in the OpenAPI document
};

/// Finds out who calls. Errors: the answer to a token that is missing, malformed, expired or of nobody.
class Authenticator {
 public:
  virtual ~Authenticator() = default;
  virtual http::Task<Reply<Account>> authenticate(const http::Request& request) = 0;
};

/// Bodies up to this are read on the I/O thread.
inline constexpr std::size_t kQuickBodyBytes = 64U << 10U;

/// Counts a call. Errors: 429. Headers are added to the answer in any case.
using RateLimitCheck = std::function<Reply<http::Fields>(RateLimitClass limit, const http::Request& request,
                                                         const std::optional<Account>&)>;

/// A body that is taken or answered.
struct DocumentedBody {
  std::string media_type;
  std::function<boost::json::object(SchemaCollection&)> schema;
};
/// What the OpenAPI document tells of a route beside its declaration. Several bodies of one media type are
/// alternatives.
struct RouteBodies {
  std::vector<DocumentedBody> taken;
  boost::json::value example;                                ///< of one that is taken as JSON; null: none
  std::map<unsigned, std::vector<DocumentedBody>> answered;  ///< by status
};

/// Adds what the type of a route's handler does not tell, where it reads a body or writes a response by itself.
/// T: a model, a vector of models, or std::string for a text of another media type. Lives until the next route is
/// added.
class RouteDocument {
 public:
  explicit RouteDocument(RouteBodies& bodies) : bodies_(bodies) {}

  /// rule: of a vector.
  template <class T>
  RouteDocument& takes(std::string media_type = "application/json", Rule rule = {}) {
    // The limit of a text is that of the body.
    constexpr SchemaUse kUse = std::is_same_v<T, std::string> ? SchemaUse::writing : SchemaUse::reading;
    bodies_.taken.push_back({std::move(media_type), schema<T>(kUse, rule)});
    return *this;
  }
  RouteDocument& example(boost::json::value json) {
    bodies_.example = std::move(json);
    return *this;
  }
  template <class T>
  RouteDocument& answers(unsigned status, std::string media_type = "application/json") {
    bodies_.answered[status].push_back({std::move(media_type), schema<T>(SchemaUse::writing, {})});
    return *this;
  }

 private:
  template <class T>
  static std::function<boost::json::object(SchemaCollection&)> schema(SchemaUse use, Rule rule) {
    return [use, rule](SchemaCollection& schemas) { return schemas.schema_of<T>(use, rule); };
  }

  RouteBodies& bodies_;
};

class RouteTable {
 public:
  struct Parts {
    Authenticator& authenticator;
    RateLimitCheck rate_limit;
    bool open_stream = true;  ///< Access::stream is anyone
    /// Where large bodies are read: parsing them would hold up everyone else. nullptr: where the small ones are.
    boost::asio::thread_pool* body_pool = nullptr;
  };
  /// The parts outlive the router.
  explicit RouteTable(Parts parts) : parts_(std::move(parts)) {}

  /// handler: `http::Task<Reply<T>>(const Call&, Body<B>..., Query<Q>...)`.
  template <class Handler>
  RouteDocument add(RouteDeclaration declaration, Handler handler);

  /// Who calls; nobody where anyone may. Errors: 401, 403, those of the authenticator.
  [[nodiscard]] http::Task<Reply<std::optional<Account>>> admit(Access access, const http::Request& request) const;
  /// Whether Access::stream is Access::anyone.
  [[nodiscard]] bool stream_is_open() const { return parts_.open_stream; }
  /// Whose pages may call what has this access, if it says nothing else.
  [[nodiscard]] http::Pages pages_for(Access access) const;

  /// The table lives until the router is gone.
  [[nodiscard]] http::Router make_router() const;
  /// OpenAPI 3.1 without `servers`.
  [[nodiscard]] boost::json::object openapi(std::string_view version) const;

 private:
  struct Route {
    RouteDeclaration declaration;
    std::function<http::Task<http::Response>(const Call&, boost::asio::thread_pool* body_pool)> handle;
    std::function<boost::json::array(SchemaCollection&)> query;  ///< empty: none
    RouteBodies bodies;
  };
  template <class T>
  static void document(Route& route, const Body<T>*);
  template <class T>
  static void document(Route& route, const Query<T>*);

  http::Task<http::Response> serve(const Route& route, const http::Request& request) const;
  static boost::json::object operation(const Route& route, SchemaCollection& schemas);

  Parts parts_;
  std::vector<Route> routes_;
};

/// GET /openapi.json: the document of the table as it is now.
void add_openapi(http::Router& router, const RouteTable& table, std::string_view version);

namespace route_detail {

/// The body as JSON or as the fields of a form, by its content type. Errors: 413, 415, 422.
struct Content {
  boost::json::value json;
  std::optional<TextFields> fields;
};
Reply<Content> read_content(const http::Request& request, const RouteDeclaration& declaration);

template <class T>
std::optional<Problem> take(tl::expected<T, Details> read, T& target) {
  if (!read) return unprocessable(read.error());
  target = std::move(*read);
  return std::nullopt;
}
template <Model T>
std::optional<Problem> read_input(const Call& call, const RouteDeclaration&, Query<T>& target) {
  return take(read_model_fields<T>(call.request.query, "query"), target.value);
}
template <Model T>
std::optional<Problem> read_input(const Call& call, const RouteDeclaration& declaration, Body<T>& target) {
  const Reply<Content> content = read_content(call.request, declaration);
  if (!content) return content.error();
  if (content->fields) return take(read_model_fields<T>(*content->fields, "body"), target.value);
  return take(read_model<T>(content->json), target.value);
}

/// The first problem of the inputs, which are then read in their order.
template <class... Inputs>
std::optional<Problem> read_inputs(const Call& call, const RouteDeclaration& declaration,
                                   std::tuple<Inputs...>& inputs) {
  std::optional<Problem> found;
  std::apply(
      [&](auto&... input) { (static_cast<void>(found || ((found = read_input(call, declaration, input)))), ...); },
      inputs);
  return found;
}

template <class T>
http::Response render(const RouteDeclaration& declaration, T& reply) {
  if constexpr (std::is_same_v<T, http::Response>) {
    return std::move(reply);
  } else if constexpr (std::is_same_v<T, NoContent>) {
    return {.status = 204, .body = {}};
  } else if constexpr (kIsRendered<T>) {
    return {.status = declaration.status, .body = std::move(reply.json)};
  } else {
    return {.status = declaration.status, .body = print_model(reply)};
  }
}

template <class Function>
struct Signature : Signature<decltype(&Function::operator())> {};
template <class F, class T, class... Inputs>
struct Signature<http::Task<Reply<T>> (F::*)(const Call&, Inputs...) const> {
  using Output = T;
  using Tuple = std::tuple<Inputs...>;
};

}  // namespace route_detail

template <class T>
void RouteTable::document(Route& route, const Body<T>*) {
  RouteDocument document(route.bodies);
  document.takes<T>();
  if (route.declaration.form)
    document.takes<T>("application/x-www-form-urlencoded").template takes<T>("multipart/form-data");
  route.declaration.errors.push_back(415);
}
template <class T>
void RouteTable::document(Route& route, const Query<T>*) {
  route.query = [](SchemaCollection& schemas) { return schemas.query_parameters<T>(); };
}

template <class Handler>
RouteDocument RouteTable::add(RouteDeclaration declaration, Handler handler) {
  using Signature = route_detail::Signature<Handler>;
  using Output = typename Signature::Output;
  Route route{.declaration = declaration, .handle = {}, .query = {}, .bodies = {}};
  [&]<class... Inputs>(const std::tuple<Inputs...>*) {
    (document(route, static_cast<const Inputs*>(nullptr)), ...);
  }(static_cast<const typename Signature::Tuple*>(nullptr));
  if constexpr (DeclaredModel<Output> || kIsList<Output>) {
    RouteDocument(route.bodies).answers<Output>(declaration.status);
  } else if constexpr (kIsRendered<Output>) {
    RouteDocument(route.bodies).answers<typename Output::Value>(declaration.status);
  }
  route.handle = [declaration = std::move(declaration), handler = std::move(handler)](
                     const Call& call, boost::asio::thread_pool* body_pool) -> http::Task<http::Response> {
    typename Signature::Tuple inputs;
    std::optional<Problem> found;
    auto read = [&] { return route_detail::read_inputs(call, declaration, inputs); };
    if (body_pool != nullptr && call.request.body.size() > kQuickBodyBytes) {
      found = co_await http::run_on(*body_pool, std::move(read));
    } else {
      found = read();
    }
    if (found) co_return to_response(*found);
    auto task = std::apply([&](auto&... input) { return handler(call, std::move(input)...); }, inputs);
    Reply<Output> reply = co_await std::move(task);
    if (!reply) co_return to_response(reply.error());
    co_return route_detail::render(declaration, *reply);
  };
  routes_.push_back(std::move(route));
  return RouteDocument(routes_.back().bodies);
}

}  // namespace topoforge::api
