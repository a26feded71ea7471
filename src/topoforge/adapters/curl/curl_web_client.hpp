#pragma once

#include <stop_token>
#include <string>
#include <utility>

#include "topoforge/ports/web_client.hpp"

/// Purpose: webhooks by libcurl. The address is looked at when the socket is made, so that a name which changes its
/// address between two look-ups reaches nothing more. Thread safety: any thread.
namespace topoforge::curl {

struct WebClientOptions {
  bool allow_private = false;  ///< connects to any address
  std::string user_agent;
  std::string ca_file = {};   ///< of those who vouch for certificates, PEM; empty: the system's
  std::stop_token stop = {};  ///< ends what runs, after a short grace
};

class CurlWebClient final : public WebClient {
 public:
  explicit CurlWebClient(WebClientOptions options) : options_(std::move(options)) {}
  Result<unsigned> post(const WebPost& request) override;

 private:
  WebClientOptions options_;
};

}  // namespace topoforge::curl
