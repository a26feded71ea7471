#include "topoforge/codec/text/number.hpp"

#include <gtest/gtest.h>

namespace topoforge {
namespace {

TEST(Number, DecimalNumbersAreTheNearestDouble) {
  EXPECT_EQ(parse_number(" +1.5e3 "), 1500.0);
  EXPECT_EQ(parse_number("-.5"), -0.5);
  EXPECT_EQ(parse_number("0.1"), 0.1);
  EXPECT_EQ(parse_number("1e-400"), 0.0);
  EXPECT_EQ(parse_number("1e150"), 1e150);
}

TEST(Number, WhatIsNoFiniteNumberIsRefused) {
  for (const char* text :
       {"", " ", "abc", "1,5", "1.5x", "0x10", "1 2", "nan", "-inf", "1e151", "1e400", "+-1", "++1"}) {
    EXPECT_EQ(parse_number(text), std::nullopt) << text;
  }
}

TEST(Number, WordsForABrokenNumberAreKnown) {
  for (const char* text : {"NaN", "-Inf", " null ", "N/A", "None", "+infinity"}) {
    EXPECT_TRUE(is_broken_number(text)) << text;
  }
  for (const char* text : {"", "abc", "nano", "1"}) EXPECT_FALSE(is_broken_number(text)) << text;
}

}  // namespace
}  // namespace topoforge
