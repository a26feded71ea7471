#include "topoforge/adapters/http/trusted_proxies.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <ranges>
#include <utility>

#include <fmt/format.h>

namespace topoforge::http {
namespace {

namespace ip = boost::asio::ip;

constexpr unsigned kMappedBits = 96;  ///< before an IPv4 address in the form of IPv6

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::optional<unsigned> parse_number(std::string_view text, unsigned most) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number > most) return std::nullopt;
  return number;
}

/// Without a zone, which means something on this machine alone.
std::optional<ip::address> parse_address(std::string_view text) {
  if (text.empty() || text.find('%') != std::string_view::npos) return std::nullopt;
  boost::system::error_code error;
  const ip::address address = ip::make_address(std::string(text), error);
  if (error) return std::nullopt;
  return plain_address(address);
}

/// "192.0.2.7", "192.0.2.7:1234", "2001:db8::1", "[2001:db8::1]" or "[2001:db8::1]:1234".
std::optional<ip::address> parse_forwarded(std::string_view item) {
  constexpr unsigned kMostPort = 65535;
  std::string_view port;
  if (item.starts_with('[')) {
    const std::size_t end = item.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    port = item.substr(end + 1);
    item = item.substr(1, end - 1);
    if (item.find(':') == std::string_view::npos) return std::nullopt;
  } else if (std::count(item.begin(), item.end(), ':') == 1) {
    port = item.substr(item.find(':'));
    item = item.substr(0, item.find(':'));
  }
  if (!port.empty() && (port.front() != ':' || !parse_number(port.substr(1), kMostPort))) return std::nullopt;
  return parse_address(item);
}

std::array<std::uint8_t, 16> bytes_of(const ip::address& address) {
  return address.is_v4() ? ip::make_address_v6(ip::v4_mapped, address.to_v4()).to_bytes() : address.to_v6().to_bytes();
}

bool bit_of(const std::array<std::uint8_t, 16>& bytes, unsigned bit) {
  return ((bytes[bit / 8] >> (7 - bit % 8)) & 1U) != 0;
}

}  // namespace

ip::address plain_address(const ip::address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, address.to_v6());
  return address;
}

Result<TrustedProxies::Network> TrustedProxies::parse_network(std::string_view item) {
  const auto wrong = [item](std::string_view why) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("'{}' in the trusted proxies {}; wanted such as 10.0.0.0/8 or 2001:db8::1", item, why));
  };
  const std::size_t slash = std::min(item.find('/'), item.size());
  const auto address = parse_address(item.substr(0, slash));
  if (!address) return wrong("is no address or network");
  const unsigned bits = address->is_v4() ? 32 : 128;
  unsigned prefix = bits;
  if (slash < item.size()) {
    const auto given = parse_number(item.substr(slash + 1), bits);
    if (!given) return wrong(fmt::format("has no prefix from 0 to {}", bits));
    prefix = *given;
  }
  Network network{.bytes = bytes_of(*address), .prefix = address->is_v4() ? kMappedBits + prefix : prefix};
  for (unsigned bit = network.prefix; bit < 128; ++bit) {
    if (bit_of(network.bytes, bit)) return wrong(fmt::format("has bits beyond its prefix of {}", prefix));
  }
  return network;
}

Result<TrustedProxies> TrustedProxies::parse(std::string_view list) {
  TrustedProxies proxies;
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    const std::string_view item = trim(list.substr(0, comma));
    list.remove_prefix(std::min(comma + 1, list.size()));
    if (item.empty()) continue;
    auto network = parse_network(item);
    if (!network) return tl::unexpected(std::move(network.error()));
    proxies.networks_.push_back(*network);
  }
  return proxies;
}

bool TrustedProxies::trusts(const ip::address& address) const {
  const Bytes bytes = bytes_of(address);
  return std::any_of(networks_.begin(), networks_.end(), [&bytes](const Network& network) {
    for (unsigned bit = 0; bit < network.prefix; ++bit) {
      if (bit_of(bytes, bit) != bit_of(network.bytes, bit)) return false;
    }
    return true;
  });
}

ip::address TrustedProxies::client(const ip::address& peer, const Fields& headers) const {
  ip::address client = plain_address(peer);
  // Several headers are one list; both are read from the right.
  for (const auto& [name, value] : std::ranges::reverse_view(headers)) {
    if (!equals_ignoring_case(name, "X-Forwarded-For")) continue;
    std::string_view list = value;
    while (trusts(client)) {
      const std::size_t comma = list.rfind(',');
      const auto before = parse_forwarded(trim(list.substr(comma == std::string_view::npos ? 0 : comma + 1)));
      if (!before) return client;
      client = *before;
      if (comma == std::string_view::npos) break;
      list = list.substr(0, comma);
    }
  }
  return client;
}

}  // namespace topoforge::http
