#include "topoforge/adapters/jwt/jwt_access_tokens.hpp"

#include <jwt.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include <fmt/format.h>

#include "topoforge/adapters/jwt/token_claims.hpp"
#include "topoforge/codec/text/base64url.hpp"

namespace topoforge::jwt {
namespace {

using Token = std::unique_ptr<jwt_t, decltype(&jwt_free)>;
using Text = std::unique_ptr<char, decltype(&std::free)>;

tl::unexpected<Error> invalid(std::string_view what) {
  return fail(ErrorCode::invalid_data, fmt::format("invalid token: {}", what));
}

tl::unexpected<Error> broken(int number) {
  return fail(ErrorCode::unavailable, fmt::format("libjwt makes or reads no token: {}", std::strerror(number)));
}

const unsigned char* bytes_of(const std::string& secret) {
  return reinterpret_cast<const unsigned char*>(secret.data());
}

struct Parts {
  std::string header;
  std::string payload;
};

/// Three parts that base64url makes, and nothing else.
Result<Parts> read_parts(std::string_view token) {
  if (token.size() > kMaxAccessTokenBytes) return invalid("it is too long");
  const std::size_t first = token.find('.');
  if (first == std::string_view::npos) return invalid("it has no three parts");
  const std::size_t second = token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) {
    return invalid("it has no three parts");
  }
  auto header = decode_base64url(token.substr(0, first));
  auto payload = decode_base64url(token.substr(first + 1, second - first - 1));
  const auto signature = decode_base64url(token.substr(second + 1));
  if (!header || !payload || !signature) return invalid("a part is no base64url");
  if (signature->empty()) return invalid("it is not signed");
  return Parts{std::move(*header), std::move(*payload)};
}

std::int64_t epoch_seconds(Timestamp time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

/// 0 or an errno.
int add_claims(jwt_t* token, const Claims& claims) {
  for (const auto& [name, text] :
       {std::pair("sub", &claims.subject), std::pair("user_id", &claims.user_id),
        std::pair("username", &claims.username), std::pair("role", &claims.role), std::pair("jti", &claims.token_id)}) {
    if (const int number = jwt_add_grant(token, name, text->c_str()); number != 0) return number;
  }
  if (const int number = jwt_add_grant_int(token, "iat", epoch_seconds(claims.issued_at)); number != 0) return number;
  return jwt_add_grant_int(token, "exp", epoch_seconds(claims.expires_at));
}

}  // namespace

Result<std::unique_ptr<JwtAccessTokens>> JwtAccessTokens::create(std::string secret) {
  if (secret.size() < kMinTokenSecretBytes || secret.size() > kMaxTokenSecretBytes) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("JWT_SECRET has {} bytes; wanted {} to {}, such as `openssl rand -base64 48` makes",
                            secret.size(), kMinTokenSecretBytes, kMaxTokenSecretBytes));
  }
  return std::unique_ptr<JwtAccessTokens>(new JwtAccessTokens(std::move(secret)));
}

Result<std::string> JwtAccessTokens::issue(const Claims& claims) const {
  if (const auto checked = check_claims(claims); !checked) return tl::unexpected(checked.error());
  jwt_t* made = nullptr;
  if (const int number = jwt_new(&made); number != 0) return broken(number);
  const Token token(made, &jwt_free);
  const int length = static_cast<int>(secret_.size());
  if (const int number = jwt_set_alg(made, JWT_ALG_HS256, bytes_of(secret_), length); number != 0) {
    return broken(number);
  }
  if (const int number = add_claims(made, claims); number != 0) return broken(number);
  const Text text(jwt_encode_str(made), &std::free);
  if (!text) return broken(errno);
  std::string result(text.get());
  if (result.size() > kMaxAccessTokenBytes) {
    return fail(ErrorCode::limit_exceeded,
                fmt::format("a token of {} bytes; wanted at most {}", result.size(), kMaxAccessTokenBytes));
  }
  return result;
}

Result<void> JwtAccessTokens::check_signature(std::string_view token) const {
  jwt_t* read = nullptr;
  const int number = jwt_decode(&read, std::string(token).c_str(), bytes_of(secret_), static_cast<int>(secret_.size()));
  const Token owner(number == 0 ? read : nullptr, &jwt_free);
  if (number == ENOMEM) return broken(number);
  // The algorithm once more, as libjwt understood it.
  if (number != 0 || jwt_get_alg(read) != JWT_ALG_HS256)
    return invalid("its signature does not fit or its payload is no JSON");
  return {};
}

Result<Claims> JwtAccessTokens::verify(std::string_view token, Timestamp now) const {
  const auto parts = read_parts(token);
  if (!parts) return tl::unexpected(parts.error());
  if (const auto checked = check_header(parts->header); !checked) return tl::unexpected(checked.error());
  if (const auto checked = check_signature(token); !checked) return tl::unexpected(checked.error());
  return read_claims(parts->payload, now);
}

}  // namespace topoforge::jwt
