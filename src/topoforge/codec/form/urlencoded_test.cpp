#include "topoforge/codec/form/urlencoded.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace topoforge {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::vector<FormField> fields_of(std::string_view body) {
  const auto fields = parse_urlencoded(body);
  EXPECT_TRUE(fields) << body << ": " << (fields ? "" : fields.error().message);
  return fields.value_or(std::vector<FormField>());
}

TEST(Urlencoded, FieldsStandInTheOrderOfTheBody) {
  EXPECT_THAT(fields_of("b=1&a=2&b=3"), ElementsAre(FormField{"b", "1"}, FormField{"a", "2"}, FormField{"b", "3"}));
}

TEST(Urlencoded, WhatCurlSendsIsRead) {
  // curl 7.88 -d username=test@example.com --data-urlencode 'password=Tést 1+2&3=%'
  EXPECT_THAT(fields_of("username=test@example.com&password=T%C3%A9st+1%2B2%263%3D%25"),
              ElementsAre(FormField{"username", "test@example.com"}, FormField{"password", "T\u00e9st 1+2&3=%"}));
}

TEST(Urlencoded, APlusIsABlankAndAPercentSignAByte) {
  EXPECT_THAT(fields_of("a+b=c+d&%65=%7e%7E%0D%0a%f0%9F%98%80"),
              ElementsAre(FormField{"a b", "c d"}, FormField{"e", "~~\r\n\U0001F600"}));
}

TEST(Urlencoded, ValuesMayBeEmptyAndHoldEqualsSigns) {
  EXPECT_THAT(fields_of(""), IsEmpty());
  EXPECT_THAT(fields_of("&&&"), IsEmpty());
  EXPECT_THAT(fields_of("a&b=&&c=d=e&"), ElementsAre(FormField{"a", ""}, FormField{"b", ""}, FormField{"c", "d=e"}));
}

struct Wrong {
  std::string name;
  std::string body;
  ErrorCode code;
  std::string message;
};

void PrintTo(const Wrong& wrong, std::ostream* out) { *out << wrong.name; }

class WrongUrlencoded : public testing::TestWithParam<Wrong> {};

TEST_P(WrongUrlencoded, IsRefused) {
  const auto fields = parse_urlencoded(GetParam().body);
  ASSERT_FALSE(fields);
  EXPECT_EQ(fields.error().code, GetParam().code);
  EXPECT_THAT(fields.error().message, HasSubstr(GetParam().message));
  EXPECT_THAT(fields.error().message, Not(HasSubstr("Secret"))) << "a message never quotes a value";
}

std::string many_fields(std::size_t count) {
  std::string body;
  for (std::size_t i = 0; i < count; ++i) body += fmt::format("&f{}=v", i);
  return body;
}

INSTANTIATE_TEST_SUITE_P(
    Urlencoded, WrongUrlencoded,
    testing::Values(
        Wrong{"CutEscape", "password=Secret%4", ErrorCode::invalid_data,
              "the field 'password' has a % without two hexadecimal digits in its value"},
        Wrong{"BareEscape", "password=Secret%", ErrorCode::invalid_data, "the field 'password' has a %"},
        Wrong{"EscapeOfLetters", "password=Secret%zz", ErrorCode::invalid_data, "the field 'password' has a %"},
        Wrong{"EscapeWithSign", "password=Secret%+4", ErrorCode::invalid_data, "the field 'password' has a %"},
        Wrong{"EscapeOverTheNextField", "password=Secret%4&1=2", ErrorCode::invalid_data,
              "the field 'password' has a %"},
        Wrong{"EscapeInAName", "pass%xx=Secret", ErrorCode::invalid_data,
              "the field 'pass%xx' has a % without two hexadecimal digits in its name"},
        Wrong{"NulInAValue", "password=Secret%00", ErrorCode::invalid_data,
              "the field 'password' has NUL in its value"},
        Wrong{"NulInAName", "pass%00word=Secret", ErrorCode::invalid_data, "the field 'pass\\x00word' has NUL"},
        Wrong{"RawNul", "password=Secret" + std::string(1, '\0'), ErrorCode::invalid_data, "has NUL in its value"},
        Wrong{"Latin1", "password=Secret%E9", ErrorCode::invalid_data, "has bytes that are no UTF-8 in its value"},
        Wrong{"Overlong", "password=Secret%C0%AF", ErrorCode::invalid_data, "has bytes that are no UTF-8 in its value"},
        Wrong{"Surrogate", "password=Secret%ED%A0%80", ErrorCode::invalid_data, "has bytes that are no UTF-8"},
        Wrong{"Latin1InAName", "p%E9=Secret", ErrorCode::invalid_data, "has bytes that are no UTF-8 in its name"},
        Wrong{"NoName", "a=1&=Secret", ErrorCode::invalid_data, "a field has no name"},
        Wrong{"LongName", std::string(kMaxFormNameBytes + 1, 'n') + "=Secret", ErrorCode::limit_exceeded,
              "has a name of 129 bytes; wanted at most 128"},
        Wrong{"LongValue", "v=" + std::string(kMaxFormValueBytes + 1, 'v'), ErrorCode::limit_exceeded,
              "the field 'v' has 65537 bytes; wanted at most 65536"},
        Wrong{"ManyFields", many_fields(kMaxFormFields + 1), ErrorCode::limit_exceeded, "more than 64 fields"}),
    [](const auto& instance) { return instance.param.name; });

TEST(Urlencoded, LimitsThemselvesAreReached) {
  EXPECT_EQ(fields_of(many_fields(kMaxFormFields)).size(), kMaxFormFields);
  const std::string name(kMaxFormNameBytes, 'n');
  const std::string value(kMaxFormValueBytes, 'v');
  EXPECT_THAT(fields_of(name + "=" + value), ElementsAre(FormField{name, value}));
}

}  // namespace
}  // namespace topoforge
