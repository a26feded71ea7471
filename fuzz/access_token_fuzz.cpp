#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "require.hpp"
#include "topoforge/adapters/jwt/jwt_access_tokens.hpp"
#include "topoforge/codec/text/base64url.hpp"

// What clients show as an access token: any bytes are refused or were signed with the key, and no claim that comes
// through breaks a rule. An input that begins with 's' is a header, a line end and a payload, which are signed with the
// key, so that what stands behind the signature is reached; any other input is the token itself.

namespace topoforge {
namespace {

const std::string kSecret = "fuzz-secret-of-more-than-thirty-two-bytes";
constexpr Timestamp kNow{std::chrono::seconds{1'700'003'600}};

const AccessTokens& tokens() {
  static const std::unique_ptr<jwt::JwtAccessTokens> kTokens = std::move(*jwt::JwtAccessTokens::create(kSecret));
  return *kTokens;
}

std::string sign(std::string_view signing_input) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned size = 0;
  HMAC(EVP_sha256(), kSecret.data(), static_cast<int>(kSecret.size()),
       reinterpret_cast<const unsigned char*>(signing_input.data()), signing_input.size(), mac.data(), &size);
  return encode_base64url({reinterpret_cast<const char*>(mac.data()), size});
}

std::string signed_token(std::string_view text) {
  const std::size_t line = std::min(text.find('\n'), text.size());
  const std::string input =
      encode_base64url(text.substr(0, line)) + "." + encode_base64url(text.substr(std::min(line + 1, text.size())));
  return input + "." + sign(input);
}

void check_claims(const Claims& claims) {
  for (const std::string* text : {&claims.subject, &claims.user_id, &claims.username, &claims.role, &claims.token_id}) {
    require(!text->empty() && text->size() <= kMaxClaimBytes, "a claim has a size in its bounds");
    require(text->find('\0') == std::string::npos, "a claim holds no NUL");
  }
  require(claims.issued_at <= kNow + kAccessTokenClockSkew, "a token is not of the future");
  require(kNow < claims.expires_at, "a token has not expired");
  require(claims.expires_at - claims.issued_at <= kMaxAccessTokenLifetime, "a token's life is bounded");
  const auto again = tokens().issue(claims);
  if (!again) {
    require(again.error().code == ErrorCode::limit_exceeded, "claims that were read can be issued");
    return;
  }
  require(tokens().verify(*again, kNow) == claims, "claims that were issued again are read as the same");
}

void check_token(const std::string& token) {
  const auto claims = tokens().verify(token, kNow);
  if (!claims) {
    require(is_expired(claims.error()) || claims.error().code == ErrorCode::invalid_data, "an error has its code");
    require(!claims.error().message.empty(), "an error says what is wrong");
    return;
  }
  require(token.size() <= kMaxAccessTokenBytes, "a token has a size in its bounds");
  const std::size_t dot = token.rfind('.');
  require(token.substr(dot + 1) == sign(token.substr(0, dot)), "a token that is taken was signed with the key");
  check_claims(*claims);
  std::string other = token;
  other[token.size() / 2] = other[token.size() / 2] == 'A' ? 'B' : 'A';
  require(!tokens().verify(other, kNow).has_value() || other == token, "a token that was changed is refused");
}

}  // namespace
}  // namespace topoforge

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  topoforge::check_token(text.starts_with('s') ? topoforge::signed_token(text.substr(1)) : std::string(text));
  return 0;
}
