#include "topoforge/base/constant_time.hpp"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace topoforge {
namespace {

TEST(ConstantTime, TextsAreEqualInEveryByteAndInLength) {
  const std::string secret("s\0\xffret", 6);
  EXPECT_TRUE(equal_in_constant_time(secret, std::string(secret)));
  EXPECT_TRUE(equal_in_constant_time("", ""));
  EXPECT_FALSE(equal_in_constant_time(secret, secret + '\0'));
  EXPECT_FALSE(equal_in_constant_time("", "x"));
  for (std::size_t place = 0; place < secret.size(); ++place) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      std::string other = secret;
      other[place] = static_cast<char>(other[place] ^ (1U << bit));
      EXPECT_FALSE(equal_in_constant_time(secret, other)) << place << ' ' << bit;
    }
  }
}

}  // namespace
}  // namespace topoforge
