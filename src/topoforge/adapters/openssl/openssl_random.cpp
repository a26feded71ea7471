#include "topoforge/adapters/openssl/openssl_random.hpp"

#include <openssl/rand.h>

#include <fmt/format.h>

#include "topoforge/codec/text/base64url.hpp"

namespace topoforge::openssl {

Result<std::string> OpensslRandom::bytes(std::size_t count) {
  if (count == 0 || count > kMaxRandomBytes) {
    return fail(ErrorCode::invalid_argument, fmt::format("{} random bytes; wanted 1 to {}", count, kMaxRandomBytes));
  }
  std::string random(count, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(random.data()), static_cast<int>(count)) != 1) {
    return fail(ErrorCode::unavailable, "OpenSSL's generator of random bytes is not seeded");
  }
  return random;
}

Result<std::string> OpensslRandom::url_safe_token(std::size_t bytes) {
  return this->bytes(bytes).map([](const std::string& random) { return encode_base64url(random); });
}

}  // namespace topoforge::openssl
