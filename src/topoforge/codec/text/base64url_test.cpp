#include "topoforge/codec/text/base64url.hpp"

#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "topoforge/base/random.hpp"

namespace topoforge {
namespace {

TEST(Base64url, PublishedTextsAreMadeAndRead) {
  // RFC 4648, section 10, without padding; the last is of RFC 7515, appendix C.
  const std::pair<std::string, std::string_view> pairs[] = {
      {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
      {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\x03\xec\xff\xe0\xc1", "A-z_4ME"}};
  for (const auto& [bytes, text] : pairs) {
    EXPECT_EQ(encode_base64url(bytes), text);
    EXPECT_EQ(decode_base64url(text), bytes);
  }
}

TEST(Base64url, AllBytesComeBack) {
  Random random(7);
  for (std::size_t size = 0; size < 200; ++size) {
    std::string bytes(size, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random.next());
    EXPECT_EQ(decode_base64url(encode_base64url(bytes)), bytes);
  }
}

TEST(Base64url, BytesHaveOneText) {
  for (const std::string_view text :
       {"Zg==", "Zg=", "Z", "Zm9vY", "Zh", "Zm9", "Zm8=", "Zm 9v", "Zm9v\n", "A+z/4ME", "Zm\xc3\xa9", "."}) {
    EXPECT_FALSE(decode_base64url(text)) << text;
  }
  EXPECT_FALSE(decode_base64url(std::string_view("Zg\0A", 4)));
}

}  // namespace
}  // namespace topoforge
