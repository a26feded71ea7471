#include "topoforge/api/call_limits.hpp"

#include <utility>

#include <fmt/format.h>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v6.hpp>

#include "topoforge/codec/text/lower_case.hpp"

namespace topoforge::api {
namespace {

Reply<http::Fields> answer(const RateDecision& decision) {
  http::Fields headers{{"X-RateLimit-Limit", std::to_string(decision.limit)},
                       {"X-RateLimit-Remaining", std::to_string(decision.remaining)},
                       {"X-RateLimit-Reset", std::to_string(decision.reset_after.count())}};
  if (decision.allowed) return headers;
  Problem refused =
      problem(429, fmt::format("Too many requests; try again in {} seconds", decision.retry_after.count()));
  refused.headers = std::move(headers);
  refused.headers.emplace_back("Retry-After", std::to_string(decision.retry_after.count()));
  return tl::unexpected(std::move(refused));
}

std::string address_key(const std::string& peer) {
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(peer, error);
  if (error || !address.is_v6()) return "address " + peer;
  return "address " + boost::asio::ip::make_network_v6(address.to_v6(), 64).canonical().to_string();
}

/// Two spellings of a name count as one.
std::string sign_in_key(const http::Request& request, const std::string& name) {
  return address_key(request.peer) + " " + lower_case(name);
}

}  // namespace

CallLimits::CallLimits(const CallLimitOptions& options, std::function<Timestamp()> clock)
    : clock_(std::move(clock)),
      general_(options.general),
      ingest_(options.ingest),
      login_(options.login),
      registration_(options.registration) {}

Reply<http::Fields> CallLimits::count(RateLimitClass limit, const http::Request& request,
                                      const std::optional<Account>& account) {
  const std::string caller = account ? "account " + account->user_id : address_key(request.peer);
  switch (limit) {
    case RateLimitClass::general: return answer(general_.count(caller, clock_()));
    case RateLimitClass::ingest: return answer(ingest_.count(caller, clock_()));
    case RateLimitClass::registration: return answer(registration_.count(caller, clock_()));
    case RateLimitClass::none: break;
  }
  return http::Fields{};
}

Reply<http::Fields> CallLimits::count_sign_in(const http::Request& request, const std::string& name) {
  return answer(login_.count(sign_in_key(request, name), clock_()));
}

void CallLimits::take_back_sign_in(const http::Request& request, const std::string& name) {
  login_.take_back(sign_in_key(request, name));
}

}  // namespace topoforge::api
