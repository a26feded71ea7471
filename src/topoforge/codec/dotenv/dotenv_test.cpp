#include "topoforge/codec/dotenv/dotenv.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace topoforge {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::vector<SettingEntry> entries(std::string_view text) {
  const auto read = read_dotenv(text, ".env");
  EXPECT_TRUE(read) << read.error().message;
  return read.value_or(std::vector<SettingEntry>{});
}

std::string problem(std::string_view text) {
  const auto read = read_dotenv(text, ".env");
  return read ? "" : read.error().message;
}

SettingEntry entry(std::string key, std::string value, std::size_t line) {
  return {.key = std::move(key), .value = std::move(value), .line = line};
}

TEST(Dotenv, LinesAreVariablesCommentsOrEmpty) {
  EXPECT_THAT(entries("# settings\n\nPORT=9000\n  export NAME = value \n\texport\tA=b\nB=\n"),
              ElementsAre(entry("PORT", "9000", 3), entry("NAME", "value", 4), entry("A", "b", 5), entry("B", "", 6)));
  EXPECT_THAT(entries(""), IsEmpty());
  EXPECT_THAT(entries("A=1"), ElementsAre(entry("A", "1", 1)));
  EXPECT_THAT(entries("export=1\n"), ElementsAre(entry("export", "1", 1)));
  EXPECT_THAT(entries("A=1\nA=2\n"), ElementsAre(entry("A", "1", 1), entry("A", "2", 2)));
}

TEST(Dotenv, ACommentBehindAValueNeedsABlank) {
  EXPECT_THAT(entries("A=b # c\nB=b#c\nC=# c\nD='#' # c\n"),
              ElementsAre(entry("A", "b", 1), entry("B", "b#c", 2), entry("C", "", 3), entry("D", "#", 4)));
}

TEST(Dotenv, SingleQuotesKeepEverything) {
  EXPECT_THAT(entries("A=' a\\n\"$B\" # '\n"), ElementsAre(entry("A", " a\\n\"$B\" # ", 1)));
}

TEST(Dotenv, DoubleQuotesKnowEscapes) {
  EXPECT_THAT(entries(R"(A="a\n\t\r\\\"\'\$HOME \d ' #")"), ElementsAre(entry("A", "a\n\t\r\\\"'$HOME \\d ' #", 1)));
}

TEST(Dotenv, QuotesGoOverLinesWhichAreCounted) {
  EXPECT_THAT(entries("A=\"one\ntwo\"\nB='\n\n'\nC=3\n"),
              ElementsAre(entry("A", "one\ntwo", 1), entry("B", "\n\n", 3), entry("C", "3", 6)));
}

TEST(Dotenv, DollarsAndEqualsSignsAreText) {
  EXPECT_THAT(entries("MONGODB_URI=mongodb+srv://u:p$w@host/?retryWrites=true&w=majority\n"),
              ElementsAre(entry("MONGODB_URI", "mongodb+srv://u:p$w@host/?retryWrites=true&w=majority", 1)));
}

TEST(Dotenv, LineEndsOfWindowsAndAByteOrderMarkAreRead) {
  EXPECT_THAT(entries("\xEF\xBB\xBF# c\r\nA=1\r\nB=\"2\"\r\n\r\nC='3' # c\r\n"),
              ElementsAre(entry("A", "1", 2), entry("B", "2", 3), entry("C", "3", 5)));
}

TEST(Dotenv, ProblemsNameTheLineAndQuoteNoValue) {
  EXPECT_EQ(problem("A=1\nPORT 9000\n"), ".env:2: 'PORT' is not followed by =; wanted KEY=VALUE");
  EXPECT_EQ(problem("export A\n"), ".env:1: 'A' is not followed by =; wanted KEY=VALUE");
  EXPECT_EQ(problem("=x\n"), ".env:1: wanted KEY=VALUE");
  EXPECT_EQ(problem("A=\"x\n\n"), ".env:1: the quote \" is not closed");
  EXPECT_EQ(problem("A='x\ny' z\n"), ".env:2: there is text behind the closing quote");
  for (const char* text : {"A=\"s3cret\n", "A='s3cret' s3cret\n", "A='s3cret's3cret\n"}) {
    EXPECT_THAT(problem(text), Not(HasSubstr("s3cret")));
  }
}

TEST(Dotenv, WhatIsNoTextIsRefusedWithItsLine) {
  EXPECT_THAT(problem(std::string("A=1\nB=\0\n", 8)), HasSubstr(".env:2: a byte that is no text"));
  EXPECT_THAT(problem("A=1\n\nB=\xff\n"), HasSubstr(".env:3: a byte that is no text"));
  EXPECT_EQ(read_dotenv(std::string(kMaxDotenvBytes + 1, '#'), ".env").error().code, ErrorCode::limit_exceeded);
}

}  // namespace
}  // namespace topoforge
