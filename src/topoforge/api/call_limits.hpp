#pragma once

#include <functional>
#include <optional>
#include <string>

#include "topoforge/api/rate_limiter.hpp"
#include "topoforge/api/route.hpp"

/// Purpose: how often one may call. A call with a token counts for its account, one without for its address, of IPv6
/// for the network (/64) that a customer is given whole. Answers
/// tell X-RateLimit-Limit, -Remaining and -Reset (seconds until all calls are there again); 429 tells Retry-After.
/// Of sign-ins only those with wrong credentials count, for the address together with the account that was tried: a
/// stranger can lock nobody else out; and kAccountsOfAnAddress times as many for the address with all accounts that it
/// tries. Mails that anyone may ask for have a limit like that of registrations. Thread safety: the I/O thread.
namespace topoforge::api {

struct CallLimitOptions {
  RateLimit general{.calls = 100, .period = std::chrono::minutes(1)};
  RateLimit ingest{.calls = 6000, .period = std::chrono::minutes(1)};
  RateLimit login{.calls = 5, .period = std::chrono::minutes(15)};
  RateLimit registration{.calls = 3, .period = std::chrono::hours(1)};
};

class CallLimits {
 public:
  CallLimits(const CallLimitOptions& options, std::function<Timestamp()> clock);

  /// Counts a call; RateLimitClass::none counts nothing. Errors: 429.
  Reply<http::Fields> count(RateLimitClass limit, const http::Request& request, const std::optional<Account>& account);

  /// Counts a sign-in before the password is looked at, so that many at once are no way around it. account: the
  /// same text for all its names. Errors: 429.
  Reply<http::Fields> count_sign_in(const http::Request& request, const std::string& account);
  /// The credentials were not wrong.
  void take_back_sign_in(const http::Request& request, const std::string& account);

  static constexpr std::size_t kAccountsOfAnAddress = 4;

 private:
  std::function<Timestamp()> clock_;
  RateLimiter general_;
  RateLimiter ingest_;
  RateLimiter login_;
  RateLimiter logins_of_address_;
  RateLimiter registration_;
  RateLimiter mail_;
};

}  // namespace topoforge::api
