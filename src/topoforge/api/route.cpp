#include "topoforge/api/route.hpp"

#include <utility>

#include <fmt/format.h>

#include "topoforge/codec/form/form.hpp"

namespace topoforge::api {
namespace {

Role least_role(Access access) {
  switch (access) {
    case Access::admin: return Role::admin;
    case Access::analyst: return Role::analyst;
    default: return Role::viewer;
  }
}

/// The media type without its parameters.
std::string_view media_type(std::string_view content_type) {
  content_type = content_type.substr(0, content_type.find(';'));
  while (!content_type.empty() && content_type.back() == ' ') content_type.remove_suffix(1);
  return content_type;
}

bool is_json(std::string_view type) {
  constexpr std::string_view kSuffix = "+json";
  return http::equals_ignoring_case(type, "application/json") ||
         (type.size() > kSuffix.size() &&
          http::equals_ignoring_case(type.substr(type.size() - kSuffix.size()), kSuffix));
}

}  // namespace

namespace route_detail {
namespace {

Reply<Content> read_form(std::string_view content_type, std::string_view body) {
  auto form = parse_form(content_type, body);
  if (!form) {
    return tl::unexpected(
        unprocessable({{.loc = {"body"}, .message = std::move(form.error().message), .type = "value_error"}}));
  }
  TextFields fields;
  for (FormField& given : *form) fields.emplace_back(std::move(given.name), std::move(given.value));
  return Content{.json = nullptr, .fields = std::move(fields)};
}

}  // namespace

Reply<Content> read_content(const http::Request& request, const RouteDeclaration& declaration) {
  if (request.body.size() > declaration.body_bytes) {
    return tl::unexpected(problem(413, fmt::format("The body has {} bytes; at most {} are taken here",
                                                   request.body.size(), declaration.body_bytes)));
  }
  const std::string_view content_type = request.header("Content-Type");
  if (declaration.form && is_form(content_type)) return read_form(content_type, request.body);
  const std::string_view type = media_type(content_type);
  if (!type.empty() && !is_json(type)) {
    return tl::unexpected(problem(415, fmt::format("wanted Content-Type application/json{}, got {}",
                                                   declaration.form ? " or a form" : "", type)));
  }
  auto json = read_json_text(request.body, "body");
  if (!json) return tl::unexpected(unprocessable(json.error()));
  return Content{.json = std::move(*json), .fields = std::nullopt};
}

}  // namespace route_detail

http::Router RouteTable::make_router() const {
  http::Router router;
  for (const Route& route : routes_) {
    const std::string& path = route.declaration.path;
    const auto handler = [this, &route](const http::Request& request) { return serve(route, request); };
    const http::Pages pages =
        route.declaration.pages == http::Pages::trusted ? http::Pages::trusted : pages_for(route.declaration.access);
    router.add(route.declaration.method, path, handler, pages);
    if (path == "/") continue;
    const std::string other = path.back() == '/' ? path.substr(0, path.size() - 1) : path + "/";
    router.add_alias(route.declaration.method, other, path, handler, pages);
  }
  return router;
}

http::Pages RouteTable::pages_for(Access access) const {
  return access == Access::stream && parts_.open_stream ? http::Pages::trusted : http::Pages::any;
}

http::Task<http::Response> RouteTable::serve(const Route& route, const http::Request& request) const {
  Reply<std::optional<Account>> account = co_await admit(route.declaration.access, request);
  // A token that is no good is refused, and counts against the address that sent it.
  const std::optional<Account> known = account ? *account : std::nullopt;
  const Reply<http::Fields> counted = parts_.rate_limit(route.declaration.limit, request, known);
  if (!counted) co_return to_response(counted.error());
  http::Response response;
  if (account) {
    const Call call{.request = request, .account = std::move(*account)};
    response = co_await route.handle(call, parts_.body_pool);
  } else {
    response = to_response(account.error());
  }
  // A limit of its own that the handler met is what the caller has to know.
  for (const auto& [name, value] : *counted) {
    const auto same = [&name](const auto& header) { return http::equals_ignoring_case(header.first, name); };
    if (std::ranges::none_of(response.headers, same)) response.headers.emplace_back(name, value);
  }
  co_return response;
}

http::Task<Reply<std::optional<Account>>> RouteTable::admit(Access access, const http::Request& request) const {
  if (access == Access::anyone || (access == Access::stream && parts_.open_stream)) co_return std::nullopt;
  Reply<Account> account = co_await parts_.authenticator.authenticate(request);
  if (!account) co_return tl::unexpected(std::move(account.error()));
  const Role least = least_role(access);
  if (account->role < least) {
    co_return tl::unexpected(
        problem(403, fmt::format("This needs the role {}; yours is {}", enum_text(least), enum_text(account->role))));
  }
  co_return std::optional<Account>(std::move(*account));
}

}  // namespace topoforge::api
