#pragma once

#include <string>
#include <utility>
#include <vector>

#include "topoforge/base/result.hpp"

/// Purpose: calls to web servers that users name. An implementation connects to no address that is not public, unless
/// it was told to, follows no redirect, uses no proxy, and takes a bounded time and a bounded answer.
/// Thread safety: an implementation may be called from any thread; calls block.
namespace topoforge {

struct WebPost {
  std::string url;                                           ///< http or https, without credentials
  std::vector<std::pair<std::string, std::string>> headers;  ///< without control characters
  std::string body;
};

class WebClient {
 public:
  virtual ~WebClient() = default;
  /// The status of the answer, whatever it is. Errors: invalid_argument for what will never be sent (a malformed URL,
  /// an address that is refused); unavailable for what may go well later. Messages quote neither path nor query.
  virtual Result<unsigned> post(const WebPost& request) = 0;
};

}  // namespace topoforge
