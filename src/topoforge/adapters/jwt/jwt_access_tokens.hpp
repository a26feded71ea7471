#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "topoforge/base/result.hpp"
#include "topoforge/ports/access_tokens.hpp"

/// Purpose: access tokens as JSON Web Tokens (RFC 7519) in the compact form of RFC 7515, signed with HS256 and nothing
/// else. Claims: `sub`, `user_id`, `username`, `role`, `iat`, `exp`, `jti`; others are ignored, save those that
/// RFC 7519 wants heeded: `nbf` is, and a token with `aud` is for somebody else.
/// libjwt signs and checks; the form, the header and the claims are read by the strict readers of codec
/// (docs/adr/0006-tokens-by-libjwt-read-by-our-codec.md).
/// Thread safety: immutable.
namespace topoforge::jwt {

/// RFC 7518, section 3.2: a key for HS256 has at least the size of the digest.
inline constexpr std::size_t kMinTokenSecretBytes = 32;
inline constexpr std::size_t kMaxTokenSecretBytes = 4096;

class JwtAccessTokens final : public AccessTokens {
 public:
  /// Errors: invalid_argument for a secret of another length; the message says how to make one.
  static Result<std::unique_ptr<JwtAccessTokens>> create(std::string secret);

  [[nodiscard]] Result<std::string> issue(const Claims& claims) const override;
  /// Refused as well: another `alg` or none, a `typ` other than JWT, `crit`, a key that stands twice in the header or
  /// the payload, a time that is no whole number, and each text that base64url does not make.
  [[nodiscard]] Result<Claims> verify(std::string_view token, Timestamp now) const override;

 private:
  explicit JwtAccessTokens(std::string secret) : secret_(std::move(secret)) {}
  [[nodiscard]] Result<void> check_signature(std::string_view token) const;

  std::string secret_;
};

}  // namespace topoforge::jwt
