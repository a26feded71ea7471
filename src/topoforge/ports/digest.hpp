#pragma once

#include <string>
#include <string_view>

/// Purpose: digests of texts: of tokens at rest, of messages that a receiver shall be able to check. Digests of secrets
/// are compared with equal_in_constant_time() (base/constant_time.hpp). Not for passwords (password_hasher.hpp).
/// Source: FIPS 180-4, RFC 2104. Thread safety: an implementation may be called from any thread.
namespace topoforge {

class Digest {
 public:
  virtual ~Digest() = default;

  /// 64 hexadecimal digits in lower case.
  [[nodiscard]] virtual std::string sha256_hex(std::string_view text) const = 0;
  /// The same of an HMAC. A key may have any length.
  [[nodiscard]] virtual std::string hmac_sha256_hex(std::string_view key, std::string_view text) const = 0;
};

}  // namespace topoforge
