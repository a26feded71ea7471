#include "topoforge/codec/text/quote.hpp"

#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace topoforge {
namespace {

TEST(Quote, ControlBytesAndBrokenUtf8AreShownAsHexadecimal) {
  EXPECT_EQ(quote_text("plain \u00b5"), "'plain \u00b5'");
  EXPECT_EQ(quote_text("\x1b[31m"), "'\\x1B[31m'");
  EXPECT_EQ(quote_text("a\xff"), "'a\\xFF'");
}

TEST(Quote, LongTextIsCutBetweenCharacters) {
  const std::string head(kMaxQuotedBytes - 1, 'a');
  EXPECT_EQ(quote_text(fmt::format("{}\u00b5tail", head)), fmt::format("'{}...'", head));
}

TEST(Utf8, PrefixStopsBeforeOverlongFormsSurrogatesAndCutSequences) {
  EXPECT_EQ(valid_utf8_prefix("a\u00b5\u20ac\U0001F600"), 10U);
  EXPECT_EQ(valid_utf8_prefix("ab\xc0\xaf"), 2U);
  EXPECT_EQ(valid_utf8_prefix("\xed\xa0\x80"), 0U);
  EXPECT_EQ(valid_utf8_prefix("\xe2\x82"), 0U);
  EXPECT_EQ(valid_utf8_prefix("\xf4\x90\x80\x80"), 0U);
}

}  // namespace
}  // namespace topoforge
