#include "topoforge/adapters/http/trusted_proxies.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace topoforge::http {
namespace {

namespace ip = boost::asio::ip;
using testing::HasSubstr;

/// Who the client is for a server that trusts 10.0.0.0/8, 192.0.2.1 and fd00::/8.
std::string client_of(const std::string& peer, const std::vector<std::string>& forwarded) {
  const auto proxies = TrustedProxies::parse("10.0.0.0/8, 192.0.2.1,fd00::/8");
  if (!proxies) return proxies.error().message;
  Fields headers = {{"Host", "x"}};
  for (const std::string& value : forwarded) headers.emplace_back("x-forwarded-for", value);
  return proxies->client(ip::make_address(peer), headers).to_string();
}

TEST(TrustedProxies, WithoutThemTheClientIsThePeer) {
  const Fields forged = {{"X-Forwarded-For", "198.51.100.1"}};
  EXPECT_EQ(TrustedProxies().client(ip::make_address("127.0.0.1"), forged).to_string(), "127.0.0.1");
  EXPECT_EQ(TrustedProxies().client(ip::make_address("::ffff:192.0.2.7"), {}).to_string(), "192.0.2.7");
}

TEST(TrustedProxies, TheRightMostAddressThatIsNoProxyIsTheClient) {
  EXPECT_EQ(client_of("10.1.2.3", {"198.51.100.1"}), "198.51.100.1");
  EXPECT_EQ(client_of("10.1.2.3", {"198.51.100.1, 192.0.2.1 ,10.9.9.9"}), "198.51.100.1");
  EXPECT_EQ(client_of("::ffff:10.1.2.3", {"198.51.100.1"}), "198.51.100.1") << "IPv4 in the form of IPv6";
  EXPECT_EQ(client_of("fd12::1", {"2001:db8::7"}), "2001:db8::7");
  EXPECT_EQ(client_of("10.1.2.3", {"::ffff:198.51.100.1"}), "198.51.100.1");
  EXPECT_EQ(client_of("10.1.2.3", {}), "10.1.2.3");
  EXPECT_EQ(client_of("10.1.2.3", {"10.0.0.1, 10.0.0.2"}), "10.0.0.1") << "proxies alone: the first of them";
}

TEST(TrustedProxies, PortsAndBracketsAreTakenOff) {
  EXPECT_EQ(client_of("10.1.2.3", {"198.51.100.1:1234"}), "198.51.100.1");
  EXPECT_EQ(client_of("10.1.2.3", {"[2001:db8::7]"}), "2001:db8::7");
  EXPECT_EQ(client_of("10.1.2.3", {"[2001:db8::7]:1234"}), "2001:db8::7");
}

TEST(TrustedProxies, WhatAClientForgesIsNotBelieved) {
  EXPECT_EQ(client_of("203.0.113.9", {"198.51.100.1"}), "203.0.113.9") << "not from a proxy";
  EXPECT_EQ(client_of("10.1.2.3", {"127.0.0.1, 203.0.113.9"}), "203.0.113.9") << "the proxy appended the truth";
  EXPECT_EQ(client_of("10.1.2.3", {"10.0.0.7, 203.0.113.9"}), "203.0.113.9") << "a forged proxy";
  EXPECT_EQ(client_of("10.1.2.3", {"127.0.0.1", "203.0.113.9"}), "203.0.113.9") << "two headers are one list";
  EXPECT_EQ(client_of("10.1.2.3", {"198.51.100.1", "10.0.0.2"}), "198.51.100.1");
  EXPECT_EQ(client_of("11.1.2.3", {"198.51.100.1"}), "11.1.2.3") << "next to the network";
  EXPECT_EQ(client_of("192.0.2.2", {"198.51.100.1"}), "192.0.2.2");
}

TEST(TrustedProxies, WhatIsNoAddressEndsTheSearch) {
  for (const char* wrong : {"unknown", "", " ", "_hidden", "198.51.100.1.2", "198.51.100.1:", "198.51.100.1:99999",
                            "198.51.100.1:x", "[198.51.100.1]", "[2001:db8::7", "[2001:db8::7]x", "fe80::1%eth0",
                            "198.51.100.1 198.51.100.2", "0x7f.1", "2001:db8::7::", "[]"}) {
    EXPECT_EQ(client_of("10.1.2.3", {wrong}), "10.1.2.3") << wrong;
    EXPECT_EQ(client_of("10.1.2.3", {"198.51.100.1, " + std::string(wrong) + ", 10.0.0.2"}), "10.0.0.2") << wrong;
  }
}

TEST(TrustedProxies, ANetworkHoldsItsAddressesAlone) {
  const auto proxies = TrustedProxies::parse("192.0.2.128/25,2001:db8::/33,0.0.0.0/32");
  ASSERT_TRUE(proxies) << proxies.error().message;
  for (const char* in : {"192.0.2.128", "192.0.2.255", "2001:db8:7fff::1", "0.0.0.0", "::ffff:192.0.2.200"}) {
    EXPECT_TRUE(proxies->trusts(ip::make_address(in))) << in;
  }
  for (const char* out : {"192.0.2.127", "192.0.3.128", "2001:db8:8000::1", "0.0.0.1", "::", "::1"}) {
    EXPECT_FALSE(proxies->trusts(ip::make_address(out))) << out;
  }
  EXPECT_TRUE(TrustedProxies::parse("0.0.0.0/0")->trusts(ip::make_address("203.0.113.9")));
  EXPECT_FALSE(TrustedProxies::parse("0.0.0.0/0")->trusts(ip::make_address("2001:db8::1")));
  EXPECT_TRUE(TrustedProxies::parse("::/0")->trusts(ip::make_address("203.0.113.9")));
}

TEST(TrustedProxies, WhatIsNoNetworkIsNamed) {
  for (const char* item : {"proxy.example", "10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/8/8", "10.0.0.1/8", "10/8",
                           "/8", "10.0.0.0/-1", "fe80::1%eth0", "10.0.0.0/+8"}) {
    const auto proxies = TrustedProxies::parse("127.0.0.1," + std::string(item));
    ASSERT_FALSE(proxies) << item;
    EXPECT_EQ(proxies.error().code, ErrorCode::invalid_argument);
    EXPECT_THAT(proxies.error().message, HasSubstr("'" + std::string(item) + "'"));
  }
  EXPECT_TRUE(TrustedProxies::parse(" , ,"));
}

}  // namespace
}  // namespace topoforge::http
