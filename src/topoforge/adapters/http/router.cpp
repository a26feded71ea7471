#include "topoforge/adapters/http/router.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

namespace topoforge::http {
namespace {

std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> segments;
  std::size_t start = 1;
  while (start <= path.size()) {
    const std::size_t end = std::min(path.find('/', start), path.size());
    segments.emplace_back(path.substr(start, end - start));
    start = end + 1;
  }
  return segments;
}

bool is_parameter(std::string_view segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

std::optional<Fields> match(const std::vector<std::string>& pattern, const std::vector<std::string>& segments) {
  if (pattern.size() != segments.size()) return std::nullopt;
  Fields parameters;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (is_parameter(pattern[i])) {
      if (segments[i].empty()) return std::nullopt;
      parameters.emplace_back(pattern[i].substr(1, pattern[i].size() - 2), segments[i]);
    } else if (pattern[i] != segments[i]) {
      return std::nullopt;
    }
  }
  return parameters;
}

}  // namespace

void Router::add(std::string method, std::string_view pattern, Handler handler, Pages pages) {
  add_alias(std::move(method), pattern, std::string(pattern), std::move(handler), pages);
}

void Router::add_alias(std::string method, std::string_view pattern, std::string name, Handler handler, Pages pages) {
  routes_.push_back({std::move(method), std::move(name), split(pattern), std::move(handler), pages});
}

void Router::add_web_socket(std::string_view path, WebSocketOpener opener, Pages pages) {
  using Admitted = tl::expected<WebSocketAdmission, Response>;
  auto admit_all = [opener = std::move(opener)](const Request&) -> Task<Admitted> {
    WebSocketAdmission admission{.opener = opener};
    co_return std::move(admission);
  };
  add_web_socket(path, WebSocketGate(std::move(admit_all)), pages);
}

void Router::add_web_socket(std::string_view path, WebSocketGate gate, Pages pages) {
  web_sockets_.push_back({std::string(path), std::move(gate), pages});
}

std::variant<const Route*, Response> Router::find(Request& request) const {
  const std::string_view method = request.method == "HEAD" ? "GET" : std::string_view(request.method);
  const std::vector<std::string> segments = split(request.path);
  for (const Route& route : routes_) {
    if (route.method != method) continue;
    if (auto parameters = match(route.segments, segments)) {
      request.parameters = std::move(*parameters);
      return &route;
    }
  }
  if (find_web_socket(request.path) != nullptr) {
    Response response = error_response(426, "This address speaks WebSocket");
    response.headers = {{"Upgrade", "websocket"}};
    return response;
  }
  const std::string allowed = allowed_methods(request.path);
  if (allowed.empty()) return error_response(404, "Not Found");
  Response response = error_response(405, "Method Not Allowed");
  response.headers = {{"Allow", allowed}};
  return response;
}

const WebSocketRoute* Router::find_web_socket(std::string_view path) const {
  const auto found = std::find_if(web_sockets_.begin(), web_sockets_.end(),
                                  [path](const WebSocketRoute& route) { return route.path == path; });
  return found == web_sockets_.end() ? nullptr : &*found;
}

std::string Router::allowed_methods(std::string_view path) const {
  std::set<std::string> methods;
  const std::vector<std::string> segments = split(path);
  for (const Route& route : routes_) {
    if (match(route.segments, segments)) methods.insert(route.method);
  }
  if (methods.contains("GET")) methods.insert("HEAD");
  std::string list;
  for (const std::string& method : methods) list += (list.empty() ? "" : ", ") + method;
  return list;
}

}  // namespace topoforge::http
