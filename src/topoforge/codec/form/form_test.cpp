#include "topoforge/codec/form/form.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace topoforge {
namespace {

using testing::HasSubstr;

constexpr std::string_view kMultipartBody = "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1 2\r\n--b--\r\n";

TEST(Form, TheContentTypeSaysHowTheBodyIsRead) {
  const std::vector<FormField> expected = {{"a", "1 2"}};
  for (const std::string_view type :
       {"application/x-www-form-urlencoded", "Application/X-WWW-Form-Urlencoded ;charset=UTF-8",
        " application/x-www-form-urlencoded; charset=\"utf-8\""}) {
    EXPECT_TRUE(is_form(type)) << type;
    EXPECT_EQ(parse_form(type, "a=1+2"), expected) << type;
  }
  for (const std::string_view type : {"multipart/form-data; boundary=b", "Multipart/Form-Data;Boundary=\"b\"",
                                      "multipart/form-data; charset=utf-8; boundary=b"}) {
    EXPECT_TRUE(is_form(type)) << type;
    EXPECT_EQ(parse_form(type, kMultipartBody), expected) << type;
  }
}

TEST(Form, AnotherContentTypeIsNoForm) {
  for (const std::string_view type : {"", "application/json", "multipart/mixed; boundary=b", "text/plain", ";",
                                      "application/x-www-form-urlencoded2", "multipart/form-data boundary=b"}) {
    EXPECT_FALSE(is_form(type)) << type;
    const auto fields = parse_form(type, "a=1");
    ASSERT_FALSE(fields) << type;
    EXPECT_EQ(fields.error().code, ErrorCode::invalid_data);
    EXPECT_THAT(fields.error().message, HasSubstr("is no form; wanted application/x-www-form-urlencoded or multipart"));
  }
}

TEST(Form, AContentTypeThatIsAmbiguousIsRefused) {
  const auto message = [](std::string_view type) {
    EXPECT_TRUE(is_form(type)) << type;
    const auto fields = parse_form(type, kMultipartBody);
    return fields ? std::string("read") : fields.error().message;
  };
  EXPECT_EQ(message("multipart/form-data"), "the Content-Type of the form names no boundary");
  EXPECT_EQ(message("multipart/form-data; boundary=c; boundary=b"),
            "in the Content-Type: the parameter boundary stands twice");
  EXPECT_THAT(message("multipart/form-data; boundary=\"\""), HasSubstr("'' is no boundary"));
  EXPECT_EQ(message("multipart/form-data; boundary="),
            "in the Content-Type: the parameter boundary wants quotes round its value");
  EXPECT_EQ(message("application/x-www-form-urlencoded; charset=latin1"), "the form's charset is not UTF-8");
  EXPECT_EQ(message("multipart/form-data; charset=utf-16; boundary=b"), "the form's charset is not UTF-8");
}

TEST(Form, ABodyAboveTheLimitIsRefusedUnread) {
  const std::string type = "application/x-www-form-urlencoded";
  EXPECT_TRUE(parse_form(type, std::string(kMaxFormBytes, '&')));
  const auto fields = parse_form(type, std::string(kMaxFormBytes + 1, '&'));
  ASSERT_FALSE(fields);
  EXPECT_EQ(fields.error(), (Error{ErrorCode::limit_exceeded, "a form of 1048577 bytes; wanted at most 1048576"}));
}

}  // namespace
}  // namespace topoforge
