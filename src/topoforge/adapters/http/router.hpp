#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "topoforge/adapters/http/message.hpp"
#include "topoforge/adapters/http/origin_policy.hpp"
#include "topoforge/adapters/http/task.hpp"
#include "topoforge/adapters/http/web_socket.hpp"

/// Purpose: which handler answers which method and path. Thread safety: immutable after set-up.
namespace topoforge::http {

/// The request lives until the task is done.
using Handler = std::function<Task<Response>(const Request& request)>;

struct Route {
  std::string method;
  std::string name;  ///< its pattern, as logs and metrics call it
  std::vector<std::string> segments;
  Handler handler;
  Pages pages;
};
struct WebSocketRoute {
  std::string path;
  WebSocketGate gate;
  Pages pages;
};

class Router {
 public:
  /// pattern: "/api/anomalies/{id}"; a parameter is one segment, not empty. HEAD is answered by GET. pages: whose web
  /// pages may call it; what needs a token, or is open to everybody, is for Pages::any.
  void add(std::string method, std::string_view pattern, Handler handler, Pages pages = Pages::trusted);
  /// Of a second path to what is known by `name`.
  void add_alias(std::string method, std::string_view pattern, std::string name, Handler handler, Pages pages);
  void add_web_socket(std::string_view path, WebSocketOpener opener, Pages pages = Pages::trusted);
  void add_web_socket(std::string_view path, WebSocketGate gate, Pages pages = Pages::trusted);

  /// The route, with the parameters put into the request; or the answer: 404, or 405 with Allow; for a WebSocket path
  /// 426.
  [[nodiscard]] std::variant<const Route*, Response> find(Request& request) const;
  /// nullptr when no WebSocket lives there.
  [[nodiscard]] const WebSocketRoute* find_web_socket(std::string_view path) const;
  /// Methods of a path, comma list; empty when there is no such path.
  [[nodiscard]] std::string allowed_methods(std::string_view path) const;

 private:
  std::vector<Route> routes_;
  std::vector<WebSocketRoute> web_sockets_;
};

}  // namespace topoforge::http
