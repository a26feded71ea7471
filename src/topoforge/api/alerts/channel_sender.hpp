#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include "topoforge/ports/alert_config.hpp"
#include "topoforge/ports/delivery.hpp"
#include "topoforge/ports/digest.hpp"
#include "topoforge/ports/postbox.hpp"
#include "topoforge/ports/web_client.hpp"

/// Purpose: one attempt to bring a notification to a channel. A webhook gets the headers
///   X-TopoForge-Delivery   the same for each attempt, so that a receiver can tell a repetition
///   X-TopoForge-Timestamp  seconds since 1970
///   X-TopoForge-Signature  sha256=<HMAC-SHA256 of "timestamp.body" by the secret>, where there is one
/// Thread safety: any thread; calls block.
namespace topoforge::api {

struct Attempt {
  std::optional<unsigned> status = {};  ///< of the answer over HTTP
  std::string error = {};               ///< empty: it was sent
  bool is_final = false;                ///< no other attempt would go better
};

class ChannelSender {
 public:
  /// All of them outlive the sender.
  struct Parts {
    WebClient& web;
    MailTransport* mail;  ///< nullptr: there is no mail server
    const Digest& digest;
    std::function<Timestamp()> clock;
    std::string public_url = {};  ///< for links; empty: none
  };
  explicit ChannelSender(Parts parts) : parts_(std::move(parts)) {}

  [[nodiscard]] Attempt send(const AlertConfig& config, const AlertChannel& channel, const AlertNotice& notice,
                             const std::string& delivery_id) const;
  /// What receivers know a delivery by: never that of another, in another database either.
  [[nodiscard]] std::string delivery_id(const std::string& key, Timestamp created_at) const;
  [[nodiscard]] bool can_mail() const { return parts_.mail != nullptr; }

 private:
  [[nodiscard]] Attempt post(const AlertChannel& channel, std::string body, const std::string& delivery_id) const;

  Parts parts_;
};

}  // namespace topoforge::api
