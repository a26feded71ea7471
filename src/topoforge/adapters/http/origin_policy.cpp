#include "topoforge/adapters/http/origin_policy.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace topoforge::http {

Result<OriginPolicy> OriginPolicy::parse(std::string_view list) {
  OriginPolicy policy;
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    std::string_view item = list.substr(0, comma);
    list.remove_prefix(std::min(comma + 1, list.size()));
    while (!item.empty() && (item.front() == ' ' || item.front() == '\t')) item.remove_prefix(1);
    while (!item.empty() && (item.back() == ' ' || item.back() == '\t' || item.back() == '/')) item.remove_suffix(1);
    if (item.empty()) continue;
    if (item == "*") {
      policy.every_ = true;
      continue;
    }
    const std::size_t scheme = item.find("://");
    if (scheme == std::string_view::npos || scheme == 0 || scheme + 3 == item.size() ||
        item.find('/', scheme + 3) != std::string_view::npos) {
      return fail(ErrorCode::invalid_argument,
                  fmt::format("'{}' in CORS_ORIGINS is no origin; wanted such as https://app.example:8443", item));
    }
    policy.origins_.emplace_back(item);
  }
  return policy;
}

bool OriginPolicy::lists(std::string_view origin) const {
  return every_ || std::any_of(origins_.begin(), origins_.end(),
                               [origin](const std::string& listed) { return equals_ignoring_case(listed, origin); });
}

bool OriginPolicy::allows(const Request& request) const {
  const std::string_view origin = request.header("Origin");
  if (origin.empty() || lists(origin)) return true;
  const std::size_t scheme = origin.find("://");
  return scheme != std::string_view::npos && equals_ignoring_case(origin.substr(scheme + 3), request.header("Host"));
}

void OriginPolicy::decorate(const Request& request, Response& response) const {
  const std::string_view origin = request.header("Origin");
  if (origin.empty()) return;
  response.headers.emplace_back("Vary", "Origin");
  if (lists(origin)) response.headers.emplace_back("Access-Control-Allow-Origin", std::string(origin));
}

bool OriginPolicy::is_preflight(const Request& request) const {
  return request.method == "OPTIONS" && !request.header("Origin").empty() &&
         !request.header("Access-Control-Request-Method").empty();
}

Response OriginPolicy::preflight(const Request& request, const std::string& methods) const {
  if (!allows(request)) return error_response(403, "Origin not allowed");
  Response response{.status = 204, .body = {}};
  response.headers.emplace_back("Access-Control-Allow-Methods", methods);
  if (const std::string_view wanted = request.header("Access-Control-Request-Headers"); !wanted.empty()) {
    response.headers.emplace_back("Access-Control-Allow-Headers", std::string(wanted));
  }
  response.headers.emplace_back("Access-Control-Max-Age", "600");
  return response;
}

}  // namespace topoforge::http
