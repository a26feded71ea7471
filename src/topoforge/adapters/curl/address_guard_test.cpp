#include "topoforge/adapters/curl/address_guard.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>
#include <string>

#include <gtest/gtest.h>

namespace topoforge::curl {
namespace {

/// As the system would give it to connect().
bool is_public_text(const std::string& text) {
  sockaddr_storage storage{};
  if (text.find(':') == std::string::npos) {
    sockaddr_in inet{};
    inet.sin_family = AF_INET;
    EXPECT_EQ(inet_pton(AF_INET, text.c_str(), &inet.sin_addr), 1) << text;
    std::memcpy(&storage, &inet, sizeof inet);
  } else {
    sockaddr_in6 inet{};
    inet.sin6_family = AF_INET6;
    EXPECT_EQ(inet_pton(AF_INET6, text.c_str(), &inet.sin6_addr), 1) << text;
    std::memcpy(&storage, &inet, sizeof inet);
  }
  return is_public(*reinterpret_cast<const sockaddr*>(&storage));
}

TEST(AddressGuard, LetsAddressesOfTheInternetPass) {
  for (const char* text :
       {"1.1.1.1",         "8.8.8.8",          "9.255.255.255",   "11.0.0.0",    "100.63.255.255",  "100.128.0.0",
        "126.255.255.255", "128.0.0.1",        "169.253.255.255", "169.255.0.0", "172.15.255.255",  "172.32.0.0",
        "192.167.255.255", "192.169.0.0",      "198.17.255.255",  "198.20.0.0",  "223.255.255.255", "2606:4700::1111",
        "2a00:1450::1",    "64:ff9b::101:101", "2002:101:101::1"}) {
    EXPECT_TRUE(is_public_text(text)) << text;
  }
}

TEST(AddressGuard, RefusesWhatIsNotOfTheInternet) {
  for (const char* text :
       {"0.0.0.0",     "0.1.2.3",         "10.0.0.1",        "10.255.255.255", "100.64.0.1",     "100.127.255.255",
        "127.0.0.1",   "127.255.255.254", "169.254.169.254", "172.16.0.1",     "172.31.255.255", "192.0.0.1",
        "192.0.2.1",   "192.88.99.1",     "192.168.1.1",     "198.18.0.1",     "198.19.255.255", "198.51.100.1",
        "203.0.113.1", "224.0.0.1",       "239.255.255.255", "240.0.0.1",      "255.255.255.255"}) {
    EXPECT_FALSE(is_public_text(text)) << text;
  }
  for (const char* text : {"::",
                           "::1",
                           "::ffff:127.0.0.1",
                           "::ffff:8.8.8.8",
                           "::127.0.0.1",
                           "64:ff9b::7f00:1",
                           "64:ff9b::a00:1",
                           "64:ff9b:1::1",
                           "100::1",
                           "fc00::1",
                           "fd12:3456::1",
                           "fe80::1",
                           "fec0::1",
                           "ff02::1",
                           "2001::1",
                           "2001:1ff::1",
                           "2001:db8::1",
                           "2002:7f00:1::1",
                           "2002:c0a8:101::1",
                           "3fff::1",
                           "4000::1"}) {
    EXPECT_FALSE(is_public_text(text)) << text;
  }
}

TEST(AddressGuard, RefusesOtherFamilies) {
  sockaddr address{};
  address.sa_family = AF_UNIX;
  EXPECT_FALSE(is_public(address));
}

}  // namespace
}  // namespace topoforge::curl
