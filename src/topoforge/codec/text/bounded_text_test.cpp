#include "topoforge/codec/text/bounded_text.hpp"

#include <string>

#include <gtest/gtest.h>

namespace topoforge {
namespace {

TEST(BoundedText, TextOfTheSizeIsGood) {
  EXPECT_TRUE(check_text("", "x", 4));
  EXPECT_TRUE(check_text("four", "x", 4));
  EXPECT_TRUE(check_text("one\ntwo\n\xC3\xA9", "x", 100));
}

TEST(BoundedText, ErrorsNameTheTextAndWhatWasWanted) {
  const auto problem = [](std::string_view text) { return check_text(text, "x", 9).error(); };
  EXPECT_EQ(problem("0123456789"), (Error{ErrorCode::limit_exceeded, "x: 10 bytes; at most 9 are allowed"}));
  const std::string what = ": a byte that is no text; wanted UTF-8 without NUL";
  EXPECT_EQ(problem(std::string_view("\0", 1)), (Error{ErrorCode::invalid_data, "x:1" + what}));
  EXPECT_EQ(problem("one\n\ntwo\xff"), (Error{ErrorCode::invalid_data, "x:3" + what}));
  EXPECT_EQ(problem("one\n\xC3"), (Error{ErrorCode::invalid_data, "x:2" + what}));
}

}  // namespace
}  // namespace topoforge
