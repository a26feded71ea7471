#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "topoforge/base/result.hpp"
#include "topoforge/ports/digest.hpp"

/// Purpose: digests by OpenSSL's EVP. The algorithms are looked up once, so that a call fails only where memory is
/// short (std::bad_alloc). Thread safety: any thread.
namespace topoforge::openssl {

class OpensslDigest final : public Digest {
 public:
  /// Errors: unavailable where OpenSSL's configuration leaves the algorithms out.
  static Result<std::unique_ptr<OpensslDigest>> create();
  ~OpensslDigest() override;

  [[nodiscard]] std::string sha256_hex(std::string_view text) const override;
  [[nodiscard]] std::string hmac_sha256_hex(std::string_view key, std::string_view text) const override;

 private:
  struct Algorithms;
  explicit OpensslDigest(std::unique_ptr<Algorithms> algorithms);
  std::unique_ptr<Algorithms> algorithms_;
};

}  // namespace topoforge::openssl
