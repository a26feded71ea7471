#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/ip/address.hpp>

#include "topoforge/adapters/http/message.hpp"
#include "topoforge/base/result.hpp"

/// Purpose: whose word about a client's address is taken. Anyone can send X-Forwarded-For; only what a known proxy
/// wrote there is true. Thread safety: immutable.
namespace topoforge::http {

class TrustedProxies {
 public:
  /// None: the client is who the connection comes from.
  TrustedProxies() = default;
  /// Comma list of addresses and networks of both families: "10.0.0.0/8, 192.0.2.7, fd00::/8".
  /// Errors: invalid_argument for an item that is neither.
  static Result<TrustedProxies> parse(std::string_view list);

  [[nodiscard]] bool trusts(const boost::asio::ip::address& address) const;
  /// The client of a request that came from that address: the right-most address of X-Forwarded-For that is no trusted
  /// proxy, when the request came from one (else the address itself). Proxies append, so that only what stands left of
  /// an untrusted address may be forged. What is no address ends the search: then the last proxy is the client.
  [[nodiscard]] boost::asio::ip::address client(const boost::asio::ip::address& peer, const Fields& headers) const;

 private:
  using Bytes = std::array<std::uint8_t, 16>;
  /// IPv4 is kept as IPv4-mapped IPv6.
  struct Network {
    Bytes bytes;
    unsigned prefix;  ///< bits
  };
  static Result<Network> parse_network(std::string_view item);

  std::vector<Network> networks_;
};

/// The address, as IPv4 where it is one in the form of IPv6.
boost::asio::ip::address plain_address(const boost::asio::ip::address& address);

}  // namespace topoforge::http
