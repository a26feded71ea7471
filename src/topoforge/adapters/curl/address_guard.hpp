#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>

/// Purpose: whether an address is one of the public internet, so that who names a URL cannot reach into this machine or
/// the networks around it. Source: the special-purpose registries of IANA (RFC 6890 and its updates).
/// Thread safety: pure.
namespace topoforge::curl {

using Ipv4Bytes = std::array<std::uint8_t, 4>;
using Ipv6Bytes = std::array<std::uint8_t, 16>;

/// False for "this network", private use, CGNAT, loopback, link-local, documentation, benchmarking, multicast,
/// reserved.
bool is_public(const Ipv4Bytes& address);
/// True for global unicast (2000::/3) alone, without tunnels and documentation; for NAT64 and 6to4 what is_public()
/// says of the IPv4 address within. IPv4-mapped addresses are not public.
bool is_public(const Ipv6Bytes& address);
/// False for any other family.
bool is_public(const sockaddr& address);

}  // namespace topoforge::curl
