#include "topoforge/codec/form/multipart.hpp"

#include <string>
#include <string_view>
#include <utility>
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

std::vector<FormField> fields_of(std::string_view boundary, std::string_view body) {
  const auto fields = parse_multipart(boundary, body);
  EXPECT_TRUE(fields) << body << ": " << (fields ? "" : fields.error().message);
  return fields.value_or(std::vector<FormField>());
}

/// A part with the headers and value, up to the boundary "b" at its end.
std::string part(std::string_view headers, std::string_view value) {
  return fmt::format("--b\r\n{}\r\n\r\n{}\r\n", headers, value);
}

std::string field(std::string_view name, std::string_view value) {
  return part(fmt::format("Content-Disposition: form-data; name=\"{}\"", name), value);
}

TEST(Multipart, WhatCurlSendsIsRead) {
  // curl 7.88 -F "username=test@example.com" -F "password=Test123!"
  EXPECT_THAT(fields_of("------------------------eaf091227090967a",
                        "--------------------------eaf091227090967a\r\n"
                        "Content-Disposition: form-data; name=\"username\"\r\n"
                        "\r\n"
                        "test@example.com\r\n"
                        "--------------------------eaf091227090967a\r\n"
                        "Content-Disposition: form-data; name=\"password\"\r\n"
                        "\r\n"
                        "Test123!\r\n"
                        "--------------------------eaf091227090967a--\r\n"),
              ElementsAre(FormField{"username", "test@example.com"}, FormField{"password", "Test123!"}));
  // -F 'user"name\x=Zoë;type=text/plain;charset=utf-8' -F 'empty=' -F $'two=a\r\nb'
  EXPECT_THAT(fields_of("------------------------0450051485ff8e2b",
                        "--------------------------0450051485ff8e2b\r\n"
                        "Content-Disposition: form-data; name=\"user%22name\\x\"\r\n"
                        "Content-Type: text/plain;charset=utf-8\r\n"
                        "\r\n"
                        "Zo\xc3\xab\r\n"
                        "--------------------------0450051485ff8e2b\r\n"
                        "Content-Disposition: form-data; name=\"empty\"\r\n"
                        "\r\n"
                        "\r\n"
                        "--------------------------0450051485ff8e2b\r\n"
                        "Content-Disposition: form-data; name=\"two\"\r\n"
                        "\r\n"
                        "a\r\nb\r\n"
                        "--------------------------0450051485ff8e2b--\r\n"),
              ElementsAre(FormField{"user%22name\\x", "Zo\u00eb"}, FormField{"empty", ""}, FormField{"two", "a\r\nb"}));
}

TEST(Multipart, WhatOtherClientsSendIsRead) {
  // Node 20: FormData and fetch.
  EXPECT_THAT(fields_of("----formdata-undici-096913577003",
                        "------formdata-undici-096913577003\r\n"
                        "Content-Disposition: form-data; name=\"username\"\r\n"
                        "\r\n"
                        "a@b.co\r\n"
                        "------formdata-undici-096913577003--\r\n"),
              ElementsAre(FormField{"username", "a@b.co"}));
  // No line end at the end, blanks behind a boundary, names in another case, a header that nobody asked for.
  EXPECT_THAT(fields_of("b",
                        "--b \t\r\ncontent-disposition:Form-Data;NAME=plain; \r\nContent-Length: 1\r\n"
                        "Content-Transfer-Encoding: 8BIT\r\nContent-Type: application/json\r\n\r\n{}\r\n--b--"),
              ElementsAre(FormField{"plain", "{}"}));
  EXPECT_THAT(fields_of("b", "--b--\r\n"), IsEmpty()) << "a form without fields";
}

TEST(Multipart, FieldsOfOneNameAreAllKeptInOrder) {
  EXPECT_THAT(fields_of("b", field("x", "1") + field("y", "2") + field("x", "3") + "--b--\r\n"),
              ElementsAre(FormField{"x", "1"}, FormField{"y", "2"}, FormField{"x", "3"}));
}

TEST(Multipart, AValueMayLookAlmostLikeABoundary) {
  for (const std::string_view value :
       {"--b", "--b--", "\r\n--", "\r\n-b", "\n--b", "\r--b\r", "\r\n --b", "\r\n--a--"}) {
    EXPECT_THAT(fields_of("b", field("x", value) + "--b--\r\n"), ElementsAre(FormField{"x", std::string(value)}));
  }
}

TEST(Multipart, AQuotedNameMayHoldAQuote) {
  EXPECT_THAT(fields_of("b", field(R"(a\"b\\c;d=e\f)", "1") + "--b--\r\n"),
              ElementsAre(FormField{R"(a"b\c;d=e\f)", "1"}));
}

struct Wrong {
  std::string name;
  std::string body;
  std::string message;
  ErrorCode code = ErrorCode::invalid_data;
};

void PrintTo(const Wrong& wrong, std::ostream* out) { *out << wrong.name; }

class WrongMultipart : public testing::TestWithParam<Wrong> {};

TEST_P(WrongMultipart, IsRefused) {
  const auto fields = parse_multipart("b", GetParam().body);
  ASSERT_FALSE(fields);
  EXPECT_EQ(fields.error().code, GetParam().code);
  EXPECT_THAT(fields.error().message, HasSubstr(GetParam().message));
  EXPECT_THAT(fields.error().message, Not(HasSubstr("Secret"))) << "a message never quotes a value";
}

Wrong in_headers(std::string name, std::string_view headers, std::string message) {
  return {std::move(name), part(headers, "Secret") + "--b--\r\n", std::move(message)};
}

Wrong in_value(std::string name, std::string_view value, std::string message) {
  return {std::move(name), field("x", value) + "--b--\r\n", std::move(message)};
}

std::vector<Wrong> wrong_frames() {
  const std::string end = "--b--\r\n";
  std::string many;
  for (std::size_t i = 0; i <= kMaxFormFields; ++i) many += field("x", "1");
  return {
      {"Empty", "", "does not begin with its boundary"},
      {"OtherBoundary", "--c\r\n", "does not begin with its boundary"},
      {"Preamble", "x\r\n" + field("x", "Secret") + end, "does not begin with its boundary"},
      {"LineEndBefore", "\r\n" + field("x", "Secret") + end, "does not begin with its boundary"},
      {"Epilogue", field("x", "Secret") + end + "x", "text stands after the last boundary"},
      {"TwoLineEnds", field("x", "Secret") + end + "\r\n", "text stands after the last boundary"},
      {"OnlyABoundary", "--b", "a boundary of the form is cut"},
      {"OnlyABoundaryLine", "--b\r\n", "the form ends within the headers"},
      {"LongerBoundary", "--bb\r\n", "a boundary of the form is cut, or not alone on its line"},
      {"TextBehindABoundary", field("x", "Secret") + "--b x\r\n" + end, "not alone on its line"},
      {"NoBoundaryAtTheEnd", field("x", "Secret"), "the field 'x' has no boundary at its end"},
      {"CutBoundary", field("x", "Secret") + "--", "the field 'x' has no boundary at its end"},
      {"CutInTheLastBoundary", field("x", "Secret") + "--b-", "a boundary of the form is cut"},
      {"CutHeaders", "--b\r\nContent-Disposition: form-data; name=\"x\"\r\n", "the form ends within the headers"},
      {"BareLineFeeds", "--b\nContent-Disposition: form-data; name=\"x\"\n\nSecret\n--b--\n",
       "a boundary of the form is cut"},
      {"ManyFields", many + end, "more than 64 fields", ErrorCode::limit_exceeded},
      {"LongHeaders", part("X: " + std::string(kMaxPartHeaderBytes, 'x'), "Secret") + end,
       "more than 2048 bytes of headers", ErrorCode::limit_exceeded},
      {"ManyHeaders",
       [] {
         std::string lines = "--b\r\n";
         for (int i = 0; i < 1000; ++i) lines += "X: y\r\n";
         return lines;
       }(),
       "more than 2048 bytes of headers", ErrorCode::limit_exceeded},
      {"HeadersWithoutEnd", "--b\r\nX: " + std::string(1 << 20, 'x'), "more than 2048 bytes of headers",
       ErrorCode::limit_exceeded},
      {"LongName", field(std::string(kMaxFormNameBytes + 1, 'n'), "Secret") + end, "a name of 129 bytes",
       ErrorCode::limit_exceeded},
      {"LongValue", field("x", std::string(kMaxFormValueBytes + 1, 'v')) + end,
       "the field 'x' has 65537 bytes; wanted at most 65536", ErrorCode::limit_exceeded},
  };
}

std::vector<Wrong> wrong_parts() {
  const std::string good = "Content-Disposition: form-data; name=\"x\"";
  return {
      in_headers("NoHeaders", "", "a part has no header Content-Disposition"),
      in_headers("NoDisposition", "Content-Type: text/plain", "a part has no header Content-Disposition"),
      in_headers("OtherDisposition", "Content-Disposition: attachment; name=\"x\"", "no header Content-Disposition"),
      in_headers("TwoDispositions", good + "\r\n" + good, "has the header Content-Disposition twice"),
      in_headers("NoName", "Content-Disposition: form-data", "a part has no name"),
      in_headers("EmptyName", "Content-Disposition: form-data; name=\"\"", "a field has no name"),
      in_headers("TwoNames", good + "; name=\"y\"", "the parameter name stands twice"),
      in_headers("OpenQuote", "Content-Disposition: form-data; name=\"x", "has no closing quote"),
      in_headers("NameWithoutValue", "Content-Disposition: form-data; name", "the parameter name has no value"),
      in_headers("NameOfNothing", "Content-Disposition: form-data; name=", "wants quotes round its value"),
      in_headers("NoSemicolon", "Content-Disposition: form-data name=x", "a semicolon is wanted"),
      in_headers("NoParameterName", "Content-Disposition: form-data; =x", "names no parameter"),
      in_headers("EmptyDisposition", "Content-Disposition:", "nothing stands before the parameters"),
      in_headers("File", good + "; filename=\"passwd\"", "the field 'x' is a file; wanted text"),
      in_headers("FileWithoutName", good + "; filename=\"\"", "the field 'x' is a file; wanted text"),
      in_headers("FileByExtendedName", good + "; filename*=utf-8''passwd", "the field 'x' is a file; wanted text"),
      in_headers("FoldedHeader", good + "\r\n ; filename=x", "among its headers"),
      in_headers("LineWithoutColon", good + "\r\nnonsense", "has the line 'nonsense' among its headers"),
      in_headers("BlankBeforeTheColon", "Content-Disposition : form-data; name=\"x\"", "among its headers"),
      in_headers("NulInAHeader", good + std::string(1, '\0'), "a control byte"),
      in_headers("CarriageReturnInAHeader", good + "\r;", "a control byte"),
      in_headers("NameThatIsNoUtf8", "Content-Disposition: form-data; name=\"\xff\"", "no UTF-8 in its name"),
      in_headers("OtherCharset", good + "\r\nContent-Type: text/plain; charset=latin1", "a charset that is not UTF-8"),
      in_headers("Nested", good + "\r\nContent-Type: multipart/mixed; boundary=c", "a multipart of its own"),
      in_headers("Base64", good + "\r\nContent-Transfer-Encoding: base64", "the field 'x' is encoded"),
      in_value("NulInAValue", std::string("Secret\0", 7), "the field 'x' has NUL in its value"),
      in_value("Latin1InAValue", "Secret\xe9", "the field 'x' has bytes that are no UTF-8 in its value"),
      in_value("BoundaryInAValue", "Secret\r\n--bc", "not alone on its line"),
  };
}

const auto kName = [](const auto& instance) { return instance.param.name; };
INSTANTIATE_TEST_SUITE_P(Frame, WrongMultipart, testing::ValuesIn(wrong_frames()), kName);
INSTANTIATE_TEST_SUITE_P(Part, WrongMultipart, testing::ValuesIn(wrong_parts()), kName);

TEST(Multipart, BoundariesAreThoseOfTheStandard) {
  for (const std::string& boundary : {std::string("a b"), std::string("'()+_,-./:=?"), std::string(70, 'b')}) {
    EXPECT_THAT(fields_of(boundary, fmt::format("--{}--", boundary)), IsEmpty());
  }
  for (const std::string& boundary : {std::string(), std::string(71, 'b'), std::string("b "), std::string("\xc3\xa9"),
                                      std::string("b\r\n"), std::string("b\"")}) {
    const auto fields = parse_multipart(boundary, fmt::format("--{}--", boundary));
    ASSERT_FALSE(fields) << boundary;
    EXPECT_THAT(fields.error().message, HasSubstr("is no boundary; wanted 1 to 70 letters"));
  }
}

}  // namespace
}  // namespace topoforge
