#pragma once

#include <cstddef>
#include <string>

#include "topoforge/ports/secure_random.hpp"

/// Purpose: random bytes of OpenSSL's generator, which the kernel seeds. Thread safety: any thread.
namespace topoforge::openssl {

class OpensslRandom final : public SecureRandom {
 public:
  Result<std::string> bytes(std::size_t count) override;
  Result<std::string> url_safe_token(std::size_t bytes) override;
};

}  // namespace topoforge::openssl
