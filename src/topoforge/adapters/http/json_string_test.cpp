#include "topoforge/adapters/http/json_string.hpp"

#include <gtest/gtest.h>

namespace topoforge::http {
namespace {

TEST(JsonString, EscapesWhatAStringMustNotHold) {
  EXPECT_EQ(json_string(""), R"("")");
  EXPECT_EQ(json_string("say \"\\\" and \n"), R"("say \"\\\" and \u000a")");
  EXPECT_EQ(json_string(std::string_view("\0\x1b[31m\x7f", 7)), R"("\u0000\u001b[31m\u007f")");
  EXPECT_EQ(json_string("caf\xc3\xa9 \xf0\x9f\x8d\xa9"), "\"caf\xc3\xa9 \xf0\x9f\x8d\xa9\"");
}

TEST(JsonString, BytesThatAreNoTextAreReplaced) {
  EXPECT_EQ(json_string("a\xff\xfe!"), "\"a\xef\xbf\xbd\xef\xbf\xbd!\"");
  EXPECT_EQ(json_string("\xc3"), "\"\xef\xbf\xbd\"");
  EXPECT_EQ(json_string("\xed\xa0\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"") << "half of a surrogate pair";
}

}  // namespace
}  // namespace topoforge::http
