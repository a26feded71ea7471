#include "topoforge/codec/text/web_url.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace topoforge {
namespace {

using testing::HasSubstr;

const std::vector<std::string_view> kWeb{"http", "https"};

std::string fault(std::string_view text) {
  const auto url = parse_web_url(text, kWeb);
  return url ? std::string() : url.error().message;
}

TEST(WebUrl, HasSchemeHostPortAndTheRest) {
  const auto url = parse_web_url("HTTPS://Hooks.Example:8443/a/b?c=%20d", kWeb);
  ASSERT_TRUE(url) << url.error().message;
  EXPECT_EQ(url->scheme, "https");
  EXPECT_EQ(url->host, "hooks.example");
  EXPECT_EQ(url->port, 8443);
  EXPECT_EQ(url->rest, "/a/b?c=%20d");
  const auto bare = parse_web_url("http://[2001:DB8::1]", kWeb);
  ASSERT_TRUE(bare) << bare.error().message;
  EXPECT_EQ(bare->host, "2001:db8::1");
  EXPECT_EQ(bare->port, std::nullopt);
  EXPECT_EQ(bare->rest, "");
}

TEST(WebUrl, SaysWhatIsWrongWithoutQuotingIt) {
  EXPECT_THAT(fault("ftp://example.com/"), HasSubstr("http:// or https://"));
  EXPECT_THAT(fault("example.com/hook"), HasSubstr("http:// or https://"));
  EXPECT_THAT(fault("javascript:alert(1)"), HasSubstr("http:// or https://"));
  EXPECT_THAT(fault("https:///path"), HasSubstr("no host"));
  EXPECT_THAT(fault("https://:443/"), HasSubstr("no host"));
  EXPECT_THAT(fault("https://user:secret@example.com/"), HasSubstr("without a user name"));
  EXPECT_THAT(fault("https://example.com@127.0.0.1/"), HasSubstr("without a user name"));
  EXPECT_THAT(fault("https://example.com/a b"), HasSubstr("printable ASCII"));
  EXPECT_THAT(fault("https://example.com/\r\nHost: x"), HasSubstr("printable ASCII"));
  EXPECT_THAT(fault("https://example.com\\@127.0.0.1/"), HasSubstr("printable ASCII"));
  EXPECT_THAT(fault("https://exämple.com/"), HasSubstr("printable ASCII"));
  EXPECT_THAT(fault("https://example.com/#top"), HasSubstr("fragment"));
  EXPECT_THAT(fault("https://example.com:0/"), HasSubstr("port"));
  EXPECT_THAT(fault("https://example.com:99999/"), HasSubstr("port"));
  EXPECT_THAT(fault("https://example.com:/"), HasSubstr("port"));
  EXPECT_THAT(fault("https://[::1/"), HasSubstr("without a ]"));
  EXPECT_THAT(fault("https://[::1]x/"), HasSubstr("no port"));
  EXPECT_THAT(fault("https://[fe80::1%25eth0]/"), HasSubstr("no host name"));
  EXPECT_THAT(fault("https://-a.example/"), HasSubstr("no host name"));
  EXPECT_THAT(fault("https://a..example/"), HasSubstr("no host name"));
  EXPECT_THAT(fault("https://e.example/" + std::string(kMaxUrlBytes, 'x')), HasSubstr("at most"));
}

}  // namespace
}  // namespace topoforge
