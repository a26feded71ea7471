#include "topoforge/adapters/openssl/openssl_random.hpp"

#include <array>
#include <set>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "topoforge/codec/text/base64url.hpp"

namespace topoforge::openssl {
namespace {

TEST(OpensslRandom, TokensAreUrlSafeAndDiffer) {
  OpensslRandom random;
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const auto token = random.url_safe_token(32);
    ASSERT_TRUE(token);
    EXPECT_EQ(token->size(), 43U);
    const auto bytes = decode_base64url(*token);
    ASSERT_TRUE(bytes) << *token;
    EXPECT_EQ(bytes->size(), 32U);
    seen.insert(*token);
  }
  EXPECT_EQ(seen.size(), 1000U);
}

TEST(OpensslRandom, EveryByteComesAboutAsOften) {
  OpensslRandom random;
  std::array<int, 256> counts{};
  for (int i = 0; i < 256; ++i) {
    const auto bytes = random.bytes(kMaxRandomBytes);
    ASSERT_TRUE(bytes);
    for (const char byte : *bytes) ++counts[static_cast<unsigned char>(byte)];
  }
  // 1024 expected, standard deviation 32: beyond eight of them once in 10^12 runs.
  for (const int count : counts) {
    EXPECT_GT(count, 1024 - 256);
    EXPECT_LT(count, 1024 + 256);
  }
}

TEST(OpensslRandom, ACountOutOfRangeIsRefused) {
  OpensslRandom random;
  EXPECT_FALSE(random.url_safe_token(0));
  const auto refused = random.bytes(kMaxRandomBytes + 1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), (Error{ErrorCode::invalid_argument, "1025 random bytes; wanted 1 to 1024"}));
}

}  // namespace
}  // namespace topoforge::openssl
