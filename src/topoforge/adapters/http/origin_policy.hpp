#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "topoforge/adapters/http/message.hpp"
#include "topoforge/base/result.hpp"

/// Purpose: which web pages may use the server: CORS, and the same for what CORS does not cover (WebSockets, requests
/// that a browser sends without asking, names that are pointed at this machine). A program that is no browser sends no
/// Origin and is not concerned. The decision is docs/adr/0007. Thread safety: immutable.
namespace topoforge::http {

/// Whose pages may call a route.
enum class Pages {
  /// For what is open to whoever reaches the server: pages of the server itself, of this machine (such as
  /// http://localhost:5173) and of the listed origins. Without a list also those of the server's host at other ports.
  trusted,
  /// For what is of no use without a secret that the page must know (a token, a password), and for what anyone may
  /// know: every page, unless there is a list.
  any,
};

class OriginPolicy {
 public:
  /// No list, which is the documented default `*` without credentials, as far as Pages says.
  OriginPolicy() = default;
  /// Comma list "https://a.example, http://localhost:5173": these and the server's own pages alone. With "*" in it:
  /// every page may call everything. An empty list is none.
  /// Errors: invalid_argument for an item that is no origin.
  static Result<OriginPolicy> parse(std::string_view list);

  /// False for a request of a page that may not call the route.
  [[nodiscard]] bool allows(const Request& request, Pages pages) const;
  /// 403, with what to do about it.
  [[nodiscard]] static Response refusal(const Request& request);
  /// Adds the headers that let a page read the response.
  void decorate(const Request& request, Pages pages, Response& response) const;
  [[nodiscard]] static bool is_preflight(const Request& request);
  /// 204, or 403; methods: those of the path.
  [[nodiscard]] Response preflight(const Request& request, Pages pages, const std::string& methods) const;

 private:
  [[nodiscard]] bool trusts(const Request& request, std::string_view origin) const;
  [[nodiscard]] bool is_called_by_its_name(const Request& request) const;
  [[nodiscard]] bool lists(std::string_view origin) const;

  bool every_ = false;
  std::vector<std::string> origins_;
};

}  // namespace topoforge::http
