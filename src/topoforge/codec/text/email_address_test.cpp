#include "topoforge/codec/text/email_address.hpp"

#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace topoforge {
namespace {

using testing::HasSubstr;

std::string repeated(std::string_view text, std::size_t times) {
  std::string result;
  while (times-- > 0) result += text;
  return result;
}

TEST(EmailAddress, WhatEmailStrTakesIsTaken) {
  for (const std::string& text :
       {std::string("a@b.co"), std::string("test@example.com"), std::string("first.last+tag@sub.example.org"),
        std::string("a/b@x.com"), std::string("o'hara@x.com"), std::string("a`{|}~@x.com"), std::string("a%b@x.com"),
        std::string("_@x.com"), std::string("-@x.com"), std::string("1@4.com"), std::string("a@x.c"),
        std::string("a@x.1c"), std::string("a@x-y.museum"), std::string("a@xn--mller-kva.de"),
        std::string("a@XN--mller-kva.de"), std::string("a@ab-c--d.com"), std::string(64, 'l') + "@x.com",
        "a@" + std::string(63, 'd') + ".com", "a@" + repeated(std::string(60, 'd') + ".", 4) + "com"}) {
    const auto address = parse_email_address(text);
    EXPECT_TRUE(address) << text << ": " << (address ? "" : address.error().message);
  }
  const std::string longest = "a@" + repeated(std::string(49, 'd') + ".", 5) + "co";
  EXPECT_EQ(longest.size(), kMaxEmailBytes);
  EXPECT_TRUE(parse_email_address(longest));
}

struct Wrong {
  std::string name;
  std::string text;
  std::string message;
};

void PrintTo(const Wrong& wrong, std::ostream* out) { *out << wrong.name; }

class WrongEmailAddress : public testing::TestWithParam<Wrong> {};

TEST_P(WrongEmailAddress, IsRefused) {
  const auto address = parse_email_address(GetParam().text);
  ASSERT_FALSE(address);
  EXPECT_EQ(address.error().code, ErrorCode::invalid_data);
  EXPECT_THAT(address.error().message, HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    EmailAddress, WrongEmailAddress,
    testing::Values(
        // What email-validator refuses as well.
        Wrong{"Empty", "", "it has no @"}, Wrong{"NoAt", "a", "it has no @"},
        Wrong{"OnlyAt", "@", "nothing stands before the @"}, Wrong{"NoLocal", "@x.com", "nothing stands before the @"},
        Wrong{"NoDomain", "a@", "nothing stands after the @"},
        Wrong{"TwoAts", "a@b@x.com", "after the @ stands what is no ASCII letter"},
        Wrong{"TwoAtsSideBySide", "a@@x.com", "after the @ stands"},
        Wrong{"PeriodsSideBySide", "a..b@x.com", "before the @ a period stands"},
        Wrong{"PeriodFirst", ".a@x.com", "before the @ a period stands"},
        Wrong{"PeriodBeforeTheAt", "a.@x.com", "before the @ a period stands"},
        Wrong{"Blank", "a b@x.com", "before the @ stands"}, Wrong{"BlankBefore", " a@x.com", "before the @ stands"},
        Wrong{"BlankAfter", "a@x.com ", "after the @ stands"}, Wrong{"Tab", "a\tb@x.com", "before the @ stands"},
        Wrong{"LineEnd", "a@x.com\n", "after the @ stands"},
        Wrong{"HeaderInjection", "a@x.com\r\nBcc: b@x.com", "after the @ stands"},
        Wrong{"Nul", std::string("a\0@x.com", 8), "before the @ stands"},
        Wrong{"NulAtTheEnd", std::string("a@x.com\0", 8), "after the @ stands"},
        Wrong{"Delete", "a\x7f@x.com", "before the @ stands"}, Wrong{"Quotes", "\"a\"@x.com", "before the @ stands"},
        Wrong{"Parenthesis", "a(b@x.com", "before the @ stands"}, Wrong{"Comma", "a,b@x.com", "before the @ stands"},
        Wrong{"Semicolon", "a;b@x.com", "before the @ stands"}, Wrong{"Colon", "a:b@x.com", "before the @ stands"},
        Wrong{"Backslash", "a\\b@x.com", "before the @ stands"},
        Wrong{"DisplayName", "Ann <a@x.com>", "before the @ stands"},
        Wrong{"Brackets", "<a@x.com>", "before the @ stands"},
        Wrong{"LongLocal", std::string(65, 'l') + "@x.com", "65 bytes stand before the @; wanted at most 64"},
        Wrong{"Long", "a@" + repeated(std::string(49, 'd') + ".", 5) + "com", "it has 255 bytes; wanted at most 254"},
        Wrong{"VeryLong", std::string(1 << 20, 'a') + "@x.com", "it has 1048582 bytes"},
        Wrong{"NoPeriod", "a@localhost", "the domain has no period"},
        Wrong{"PeriodsInTheDomain", "a@x..com", "after the @ a period stands"},
        Wrong{"PeriodAfterTheAt", "a@.x.com", "after the @ a period stands"},
        Wrong{"PeriodLast", "a@x.com.", "after the @ a period stands"},
        Wrong{"HyphenFirst", "a@-x.com", "begins or ends with a hyphen"},
        Wrong{"HyphenBeforeAPeriod", "a@x-.com", "begins or ends with a hyphen"},
        Wrong{"HyphenLast", "a@x.com-", "begins or ends with a hyphen"},
        Wrong{"TwoHyphens", "a@ab--cd.com", "two hyphens after its second letter"},
        Wrong{"Underscore", "a@x_y.com", "after the @ stands"},
        Wrong{"LongLabel", "a@" + std::string(64, 'd') + ".com", "a part of the domain has 64 bytes"},
        Wrong{"Address", "a@1.2.3.4", "the domain does not end with a letter"},
        Wrong{"AddressInBrackets", "a@[1.2.3.4]", "after the @ stands"},
        Wrong{"DigitLast", "a@x.c1", "the domain does not end with a letter"},
        Wrong{"Operator", R"({"$gt": ""})", "it has no @"},
        // What it takes.
        Wrong{"LocalBeyondAscii", "m\xc3\xbcller@x.de", "before the @ stands what is no ASCII letter"},
        Wrong{"DomainBeyondAscii", "a@m\xc3\xbcller.de", "after the @ stands what is no ASCII letter"},
        Wrong{"BrokenUtf8", "a\xff@x.com", "before the @ stands"}),
    [](const auto& instance) { return instance.param.name; });

TEST(EmailAddress, DomainsForSpecialUseAreTaken) {
  for (const std::string_view text : {"a@mail.local", "a@x.test", "a@x.invalid"}) {
    EXPECT_TRUE(parse_email_address(text)) << text;
  }
}

TEST(EmailAddress, TheDomainIsLowerCaseAndTheLookupAllOfIt) {
  EXPECT_EQ(parse_email_address("Ann.O'Hara@EXAMPLE.Com"),
            (EmailAddress{.text = "Ann.O'Hara@example.com", .lookup = "ann.o'hara@example.com"}));
  EXPECT_EQ(parse_email_address("ann.o'hara@example.com")->lookup,
            parse_email_address("ANN.O'HARA@EXAMPLE.COM")->lookup);
}

}  // namespace
}  // namespace topoforge
