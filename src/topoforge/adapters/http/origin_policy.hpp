#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "topoforge/adapters/http/message.hpp"
#include "topoforge/base/result.hpp"

/// Purpose: which web pages may use the server (CORS, and the same for WebSockets, which CORS does not cover). A
/// program that is no browser sends no Origin and is not concerned. Thread safety: immutable.
namespace topoforge::http {

class OriginPolicy {
 public:
  /// Pages of the server's own origin alone.
  OriginPolicy() = default;
  /// And those of the comma list: "https://a.example, http://localhost:5173", or "*" for every page.
  /// Errors: invalid_argument for an item that is no origin.
  static Result<OriginPolicy> parse(std::string_view list);

  /// False when the request comes from a page that is neither of this server nor listed.
  [[nodiscard]] bool allows(const Request& request) const;
  /// Adds the headers that let a listed page read the response.
  void decorate(const Request& request, Response& response) const;
  [[nodiscard]] bool is_preflight(const Request& request) const;
  /// 204, or 403 for a page that is not listed; methods: those of the path.
  [[nodiscard]] Response preflight(const Request& request, const std::string& methods) const;

 private:
  [[nodiscard]] bool lists(std::string_view origin) const;

  bool every_ = false;
  std::vector<std::string> origins_;
};

}  // namespace topoforge::http
