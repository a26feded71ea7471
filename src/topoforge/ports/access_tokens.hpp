#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "topoforge/base/result.hpp"
#include "topoforge/core/event/event.hpp"

/// Purpose: the tokens that an account shows with each request. A token says who asked and until when; whether the
/// account still is and has its role is the caller's to look up. Thread safety: an implementation may be called from
/// any thread; calls do not block.
namespace topoforge {

struct Claims {
  std::string subject;
  std::string user_id;
  std::string username;
  std::string role;
  Timestamp issued_at;  ///< whole seconds; finer digits are cut off when a token is issued
  Timestamp expires_at;
  std::string token_id;

  bool operator==(const Claims&) const = default;
};

inline constexpr std::size_t kMaxAccessTokenBytes = 4096;
/// Of each text among the claims.
inline constexpr std::size_t kMaxClaimBytes = 256;
inline constexpr std::chrono::hours kMaxAccessTokenLifetime{24 * 31};
/// By so much the clock of who issued a token may be ahead.
inline constexpr std::chrono::seconds kAccessTokenClockSkew{60};

class AccessTokens {
 public:
  virtual ~AccessTokens() = default;

  /// Errors: invalid_argument for a text that is empty, longer than kMaxClaimBytes, no UTF-8 or holds NUL, for times
  /// outside the years 1970 to 9999, an end that is not after the beginning or more than kMaxAccessTokenLifetime after
  /// it; limit_exceeded where the token would be longer than kMaxAccessTokenBytes; unavailable.
  [[nodiscard]] virtual Result<std::string> issue(const Claims& claims) const = 0;

  /// Errors: invalid_data for a token that was not made with the key, breaks a rule of issue() or is of the future;
  /// limit_exceeded for one that is right in all but that its time is over (is_expired); unavailable. The message says
  /// what is wrong and quotes nothing of the token.
  [[nodiscard]] virtual Result<Claims> verify(std::string_view token, Timestamp now) const = 0;
};

/// Whether an error of verify() means that a new token is wanted, and not that this one never was good.
inline bool is_expired(const Error& error) { return error.code == ErrorCode::limit_exceeded; }

}  // namespace topoforge
