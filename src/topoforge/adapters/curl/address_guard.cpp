#include "topoforge/adapters/curl/address_guard.hpp"

#include <netinet/in.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <span>

namespace topoforge::curl {
namespace {

template <std::size_t kBytes>
struct Network {
  std::array<std::uint8_t, kBytes> address;
  unsigned prefix;  ///< bits
};

constexpr std::array<Network<4>, 15> kNotPublic4{{
    {{0, 0, 0, 0}, 8},        // this network
    {{10, 0, 0, 0}, 8},       // private use
    {{100, 64, 0, 0}, 10},    // shared by carriers (CGNAT)
    {{127, 0, 0, 0}, 8},      // loopback
    {{169, 254, 0, 0}, 16},   // link-local; where clouds keep their metadata
    {{172, 16, 0, 0}, 12},    // private use
    {{192, 0, 0, 0}, 24},     // protocol assignments
    {{192, 0, 2, 0}, 24},     // documentation
    {{192, 88, 99, 0}, 24},   // 6to4 relays
    {{192, 168, 0, 0}, 16},   // private use
    {{198, 18, 0, 0}, 15},    // benchmarking
    {{198, 51, 100, 0}, 24},  // documentation
    {{203, 0, 113, 0}, 24},   // documentation
    {{224, 0, 0, 0}, 4},      // multicast
    {{240, 0, 0, 0}, 4},      // reserved, and broadcast
}};

constexpr Network<16> kGlobalUnicast{{0x20}, 3};
constexpr Network<16> kNat64{{0, 0x64, 0xff, 0x9b}, 96};
constexpr Network<16> k6to4{{0x20, 0x02}, 16};
constexpr std::array<Network<16>, 3> kNotPublic6{{
    {{0x20, 0x01, 0, 0}, 23},        // protocol assignments, Teredo
    {{0x20, 0x01, 0x0d, 0xb8}, 32},  // documentation
    {{0x3f, 0xff}, 20},              // documentation
}};

template <std::size_t kBytes>
bool contains(const Network<kBytes>& network, const std::array<std::uint8_t, kBytes>& address) {
  const std::size_t whole = network.prefix / 8;
  if (!std::equal(address.begin(), address.begin() + whole, network.address.begin())) return false;
  const unsigned rest = network.prefix % 8;
  if (rest == 0) return true;
  const auto mask = static_cast<std::uint8_t>(0xff00U >> rest);
  return (address.at(whole) & mask) == (network.address.at(whole) & mask);
}

Ipv4Bytes ipv4_at(const Ipv6Bytes& address, std::size_t offset) {
  Ipv4Bytes bytes{};
  std::copy_n(address.begin() + static_cast<std::ptrdiff_t>(offset), bytes.size(), bytes.begin());
  return bytes;
}

}  // namespace

bool is_public(const Ipv4Bytes& address) {
  return std::ranges::none_of(kNotPublic4, [&](const auto& network) { return contains(network, address); });
}

bool is_public(const Ipv6Bytes& address) {
  if (contains(kNat64, address)) return is_public(ipv4_at(address, 12));
  if (contains(k6to4, address)) return is_public(ipv4_at(address, 2));
  return contains(kGlobalUnicast, address) &&
         std::ranges::none_of(kNotPublic6, [&](const auto& network) { return contains(network, address); });
}

bool is_public(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    sockaddr_in inet{};
    std::memcpy(&inet, &address, sizeof inet);
    Ipv4Bytes bytes{};
    std::memcpy(bytes.data(), &inet.sin_addr, bytes.size());
    return is_public(bytes);
  }
  if (address.sa_family == AF_INET6) {
    sockaddr_in6 inet{};
    std::memcpy(&inet, &address, sizeof inet);
    Ipv6Bytes bytes{};
    std::memcpy(bytes.data(), &inet.sin6_addr, bytes.size());
    return is_public(bytes);
  }
  return false;
}

}  // namespace topoforge::curl
