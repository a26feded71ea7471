#include "topoforge/adapters/openssl/openssl_digest.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <array>
#include <cstddef>
#include <new>
#include <span>
#include <utility>

namespace topoforge::openssl {
namespace {

constexpr std::size_t kSha256Bytes = 32;
using Sha256 = std::array<unsigned char, kSha256Bytes>;

struct Release {
  void operator()(EVP_MD* md) const { EVP_MD_free(md); }
  void operator()(EVP_MAC* mac) const { EVP_MAC_free(mac); }
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};
template <class T>
using Handle = std::unique_ptr<T, Release>;

std::string hexadecimal(std::span<const unsigned char> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const unsigned char byte : bytes) {
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 15U];
  }
  return text;
}

}  // namespace

struct OpensslDigest::Algorithms {
  Handle<EVP_MD> sha256;
  Handle<EVP_MAC> hmac;
};

Result<std::unique_ptr<OpensslDigest>> OpensslDigest::create() {
  auto algorithms = std::make_unique<Algorithms>();
  algorithms->sha256.reset(EVP_MD_fetch(nullptr, "SHA256", nullptr));
  algorithms->hmac.reset(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
  if (!algorithms->sha256 || !algorithms->hmac) {
    return fail(ErrorCode::unavailable, "OpenSSL has no SHA256 or no HMAC; its configuration leaves them out");
  }
  return std::unique_ptr<OpensslDigest>(new OpensslDigest(std::move(algorithms)));
}

OpensslDigest::OpensslDigest(std::unique_ptr<Algorithms> algorithms) : algorithms_(std::move(algorithms)) {}
OpensslDigest::~OpensslDigest() = default;

std::string OpensslDigest::sha256_hex(std::string_view text) const {
  Sha256 digest{};
  if (EVP_Digest(text.data(), text.size(), digest.data(), nullptr, algorithms_->sha256.get(), nullptr) != 1) {
    throw std::bad_alloc();
  }
  return hexadecimal(digest);
}

std::string OpensslDigest::hmac_sha256_hex(std::string_view key, std::string_view text) const {
  const Handle<EVP_MAC_CTX> context(EVP_MAC_CTX_new(algorithms_->hmac.get()));
  char name[] = "SHA256";
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
                                   OSSL_PARAM_construct_end()};
  // A null pointer would mean the key of an earlier call.
  const std::string_view given = key.data() == nullptr ? std::string_view("") : key;
  Sha256 digest{};
  std::size_t size = 0;
  if (!context ||
      EVP_MAC_init(context.get(), reinterpret_cast<const unsigned char*>(given.data()), given.size(), parameters) !=
          1 ||
      EVP_MAC_update(context.get(), reinterpret_cast<const unsigned char*>(text.data()), text.size()) != 1 ||
      EVP_MAC_final(context.get(), digest.data(), &size, digest.size()) != 1) {
    throw std::bad_alloc();
  }
  return hexadecimal(digest);
}

}  // namespace topoforge::openssl
