#include "topoforge/api/call_limits.hpp"

#include <utility>

#include <fmt/format.h>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v6.hpp>

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

std::string sign_in_key(const http::Request& request, const std::string& account) {
  return address_key(request.peer) + " " + account;
}

RateLimit times(RateLimit limit, std::size_t factor) {
  limit.calls *= factor;
  return limit;
}

}  // namespace

CallLimits::CallLimits(const CallLimitOptions& options, std::function<Timestamp()> clock)
    : clock_(std::move(clock)),
      general_(options.general),
      ingest_(options.ingest),
      login_(options.login),
      logins_of_address_(times(options.login, kAccountsOfAnAddress)),
      registration_(options.registration),
      mail_(options.registration) {}

Reply<http::Fields> CallLimits::count(RateLimitClass limit, const http::Request& request,
                                      const std::optional<Account>& account) {
  const std::string caller = account ? "account " + account->user_id : address_key(request.peer);
  switch (limit) {
    case RateLimitClass::general: return answer(general_.count(caller, clock_()));
    case RateLimitClass::ingest: return answer(ingest_.count(caller, clock_()));
    case RateLimitClass::registration: return answer(registration_.count(caller, clock_()));
    case RateLimitClass::mail: return answer(mail_.count(caller, clock_()));
    case RateLimitClass::none: break;
  }
  return http::Fields{};
}

Reply<http::Fields> CallLimits::count_sign_in(const http::Request& request, const std::string& account) {
  Reply<http::Fields> of_account = answer(login_.count(sign_in_key(request, account), clock_()));
  if (!of_account) return of_account;
  Reply<http::Fields> of_address = answer(logins_of_address_.count(address_key(request.peer), clock_()));
  if (of_address) return of_account;
  login_.take_back(sign_in_key(request, account));
  return of_address;
}

void CallLimits::take_back_sign_in(const http::Request& request, const std::string& account) {
  login_.take_back(sign_in_key(request, account));
  logins_of_address_.take_back(address_key(request.peer));
}

}  // namespace topoforge::api
