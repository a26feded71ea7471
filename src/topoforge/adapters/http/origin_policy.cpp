#include "topoforge/adapters/http/origin_policy.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <boost/asio/ip/address.hpp>

#include "topoforge/adapters/http/request_head.hpp"

namespace topoforge::http {
namespace {

constexpr const char* kRequestHeaders = "Authorization, Content-Type, Last-Event-ID, X-Request-ID";
constexpr const char* kResponseHeaders =
    "Content-Disposition, Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, X-Request-ID";
constexpr const char* kPreflightSeconds = "600";

/// "https://a.example:8443" without its scheme; empty for what is no origin, as "null" of pages that have none.
std::string_view authority_of(std::string_view origin) {
  const std::size_t scheme = origin.find("://");
  if (scheme == std::string_view::npos || scheme == 0) return {};
  const std::string_view authority = origin.substr(scheme + 3);
  return is_host(authority) ? authority : std::string_view();
}

/// Without the port; an IPv6 address keeps its brackets.
std::string_view host_of(std::string_view authority) {
  if (authority.starts_with('[')) return authority.substr(0, authority.find(']') + 1);
  return authority.substr(0, authority.find(':'));
}

bool is_address(std::string_view host) {
  if (host.starts_with('[')) return true;
  boost::system::error_code error;
  boost::asio::ip::make_address_v4(host, error);
  return !error;
}

/// Whether the host is the machine on which the browser runs.
bool is_this_machine(std::string_view host) {
  if (host == "[::1]") return true;
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address_v4(host, error);
  if (!error) return address.is_loopback();
  constexpr std::string_view kLocal = "localhost";
  if (host.size() < kLocal.size() || !equals_ignoring_case(host.substr(host.size() - kLocal.size()), kLocal))
    return false;
  return host.size() == kLocal.size() || host[host.size() - kLocal.size() - 1] == '.';
}

}  // namespace

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
    if (authority_of(item).empty()) {
      return fail(ErrorCode::invalid_argument,
                  fmt::format("'{}' in CORS_ORIGINS is no origin; wanted such as https://app.example:8443", item));
    }
    policy.origins_.emplace_back(item);
  }
  return policy;
}

bool OriginPolicy::lists(std::string_view origin) const {
  return std::any_of(origins_.begin(), origins_.end(),
                     [origin](const std::string& listed) { return equals_ignoring_case(listed, origin); });
}

bool OriginPolicy::trusts(const Request& request, std::string_view origin) const {
  const std::string_view page = authority_of(origin);
  const std::string_view server = request.header("Host");
  if (lists(origin) || (!page.empty() && equals_ignoring_case(page, server))) return true;
  if (!origins_.empty() || page.empty()) return false;
  return is_this_machine(host_of(page)) || equals_ignoring_case(host_of(page), host_of(server));
}

/// A page can point its own name at this machine and is of the server's own origin then, but for the name. Names
/// without a dot are nobody's outside.
bool OriginPolicy::is_called_by_its_name(const Request& request) const {
  const std::string_view host = host_of(request.header("Host"));
  if (!request.over_loopback || is_address(host) || is_this_machine(host) || host.find('.') == std::string_view::npos)
    return true;
  return std::any_of(origins_.begin(), origins_.end(), [host](const std::string& listed) {
    return equals_ignoring_case(host_of(authority_of(listed)), host);
  });
}

bool OriginPolicy::allows(const Request& request, Pages pages) const {
  if (every_) return true;
  const std::string_view origin = request.header("Origin");
  const bool reads = request.method == "GET" || request.method == "HEAD" || request.method == "OPTIONS";
  // Without a list pages that bring a secret may call; with one they may ask, but decorate() keeps the answer from
  // them.
  if (pages == Pages::any && (origins_.empty() || reads)) return true;
  // A browser sends no Origin when a page reads from its own server.
  if (pages == Pages::trusted && (reads || !origin.empty()) && !is_called_by_its_name(request)) return false;
  return origin.empty() || trusts(request, origin);
}

Response OriginPolicy::refusal(const Request& request) {
  const std::string_view origin = request.header("Origin");
  return error_response(
      403, origin.empty()
               ? fmt::format("This machine is not known as {}; name it in CORS_ORIGINS, or the proxy before it in "
                             "TOPOFORGE_TRUSTED_PROXIES",
                             request.header("Host"))
               : fmt::format("Origin {} not allowed here; name it in CORS_ORIGINS", origin));
}

void OriginPolicy::decorate(const Request& request, Pages pages, Response& response) const {
  const std::string_view origin = request.header("Origin");
  if (origin.empty()) return;
  if (every_ || (origins_.empty() && pages == Pages::any)) {
    response.headers.emplace_back("Access-Control-Allow-Origin", "*");
  } else {
    response.headers.emplace_back("Vary", "Origin");
    if (!trusts(request, origin)) return;
    response.headers.emplace_back("Access-Control-Allow-Origin", std::string(origin));
  }
  response.headers.emplace_back("Access-Control-Expose-Headers", kResponseHeaders);
}

bool OriginPolicy::is_preflight(const Request& request) {
  return request.method == "OPTIONS" && !request.header("Origin").empty() &&
         !request.header("Access-Control-Request-Method").empty();
}

Response OriginPolicy::preflight(const Request& request, Pages pages, const std::string& methods) const {
  Request asked{.method = std::string(request.header("Access-Control-Request-Method")),
                .headers = request.headers,
                .over_loopback = request.over_loopback};
  const bool may_read =
      every_ || (origins_.empty() && pages == Pages::any) || trusts(request, request.header("Origin"));
  if (!may_read || !allows(asked, pages)) return refusal(request);
  Response response{.status = 204};
  response.headers = {{"Access-Control-Allow-Methods", methods},
                      {"Access-Control-Allow-Headers", kRequestHeaders},
                      {"Access-Control-Max-Age", kPreflightSeconds}};
  return response;
}

}  // namespace topoforge::http
