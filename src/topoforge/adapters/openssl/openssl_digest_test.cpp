#include "topoforge/adapters/openssl/openssl_digest.hpp"

#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace topoforge::openssl {
namespace {

class OpensslDigestTest : public testing::Test {
 protected:
  void SetUp() override {
    auto made = OpensslDigest::create();
    ASSERT_TRUE(made);
    digest_ = std::move(*made);
  }

  std::unique_ptr<OpensslDigest> digest_;
};

TEST_F(OpensslDigestTest, Sha256GivesThePublishedDigests) {
  // FIPS 180-4's examples.
  EXPECT_EQ(digest_->sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(digest_->sha256_hex({}), digest_->sha256_hex(""));
  EXPECT_EQ(digest_->sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(digest_->sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(digest_->sha256_hex(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_F(OpensslDigestTest, HmacGivesThePublishedDigests) {
  // RFC 4231, test cases 1, 2, 3, 6 and 7.
  EXPECT_EQ(digest_->hmac_sha256_hex(std::string(20, '\x0b'), "Hi There"),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(digest_->hmac_sha256_hex("Jefe", "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(digest_->hmac_sha256_hex(std::string(20, '\xaa'), std::string(50, '\xdd')),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
  EXPECT_EQ(
      digest_->hmac_sha256_hex(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First"),
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  EXPECT_EQ(digest_->hmac_sha256_hex(std::string(131, '\xaa'),
                                     "This is a test using a larger than block-size key and a larger than block-size "
                                     "data. The key needs to be hashed before being used by the HMAC algorithm."),
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2");
}

TEST_F(OpensslDigestTest, AnEmptyKeyIsAKey) {
  const std::string_view nothing = "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad";
  EXPECT_EQ(digest_->hmac_sha256_hex("", ""), nothing);
  EXPECT_EQ(digest_->hmac_sha256_hex({}, {}), nothing);
}

TEST_F(OpensslDigestTest, ThreadsShareADigest) {
  const std::string plain = digest_->sha256_hex("abc");
  const std::string keyed = digest_->hmac_sha256_hex("key", "abc");
  std::vector<std::thread> threads;
  std::vector<int> right(4, 0);
  for (int& count : right) {
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        count += digest_->sha256_hex("abc") == plain && digest_->hmac_sha256_hex("key", "abc") == keyed;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, std::vector<int>(4, 200));
}

}  // namespace
}  // namespace topoforge::openssl
