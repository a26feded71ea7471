#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "topoforge/base/result.hpp"
#include "topoforge/ports/password_hasher.hpp"

/// Purpose: passwords hashed by bcrypt (Provos & Mazieres 1999) in the system's libcrypt; the salt comes from the
/// kernel. New hashes are `$2b$`; `$2a$` and `$2y$` of other programs are verified as well. The faulty `$2x$` and other
/// methods of libcrypt are not.
/// A call takes 2^cost rounds: about 0.25 s at cost 12. Thread safety: any thread.
namespace topoforge::crypt {

/// bcrypt reads no further; a longer password is refused instead of cut.
inline constexpr std::size_t kMaxPasswordBytes = 72;

inline constexpr unsigned kMinBcryptCost = 4;
/// Some seconds. A stored hash of a greater cost is not even tried: one login could hold a thread for hours.
inline constexpr unsigned kMaxBcryptCost = 16;

struct BcryptOptions {
  unsigned cost = 12;  ///< kMinBcryptCost to kMaxBcryptCost
};

class BcryptPasswordHasher final : public PasswordHasher {
 public:
  /// Errors: invalid_argument for a cost out of range; unavailable where libcrypt has no bcrypt.
  static Result<std::unique_ptr<BcryptPasswordHasher>> create(BcryptOptions options = {});

  /// Errors: invalid_argument for a password of more than kMaxPasswordBytes or with a NUL byte; unavailable where the
  /// kernel gives no salt or memory is short.
  Result<std::string> hash(std::string_view password) override;
  /// Takes the time of the hash's cost; of its own, as verify_nothing() does, where the hash is refused.
  bool verify(std::string_view password, std::string_view hash) override;
  void verify_nothing(std::string_view password) override;

 private:
  BcryptPasswordHasher(unsigned cost, std::string dummy) : cost_(cost), dummy_(std::move(dummy)) {}

  unsigned cost_;
  std::string dummy_;  // a salt of the same cost, with which verify_nothing() works
};

}  // namespace topoforge::crypt
