#pragma once

#include <cstddef>
#include <string>

#include "topoforge/base/result.hpp"

/// Purpose: random bytes that nobody can guess: salts, tokens, keys. Not for statistics, which want a seed
/// (base/random.hpp). Thread safety: an implementation may be called from any thread; calls do not block.
namespace topoforge {

inline constexpr std::size_t kMaxRandomBytes = 1024;

class SecureRandom {
 public:
  virtual ~SecureRandom() = default;

  /// Errors of both: invalid_argument for no bytes or more than kMaxRandomBytes; unavailable.
  virtual Result<std::string> bytes(std::size_t count) = 0;
  /// `bytes` random bytes as base64url without padding: 43 characters for 32 bytes.
  virtual Result<std::string> url_safe_token(std::size_t bytes) = 0;
};

}  // namespace topoforge
