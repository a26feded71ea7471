#pragma once

#include <string>
#include <string_view>

#include "topoforge/base/result.hpp"

/// Purpose: passwords at rest. An implementation never logs a password or a hash, and wipes what it copied.
/// Thread safety: an implementation may be called from any thread; calls take a good part of a second on purpose, so
/// they run on the work pool.
namespace topoforge {

class PasswordHasher {
 public:
  virtual ~PasswordHasher() = default;

  /// The hash to be stored; it holds method, cost and a salt of its own, so that two hashes of one password differ.
  /// Errors: invalid_argument for a password that the method would cut (the message never quotes it), unavailable.
  virtual Result<std::string> hash(std::string_view password) = 0;

  /// Whether the password is the one that was hashed. A hash of another method, with a cost out of range or damaged,
  /// fits no password. A password that hash() refuses fits no hash, and is answered at once.
  virtual bool verify(std::string_view password, std::string_view hash) = 0;

  /// Takes the time of verify(), for a login that names no account: the answer's time then tells nothing about whether
  /// the account exists. Both must be given the password as it came.
  virtual void verify_nothing(std::string_view password) = 0;
};

}  // namespace topoforge
