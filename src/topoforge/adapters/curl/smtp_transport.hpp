#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "topoforge/base/result.hpp"
#include "topoforge/core/event/event.hpp"
#include "topoforge/ports/postbox.hpp"

/// Purpose: mails handed to an SMTP server by libcurl, over TLS from the beginning (smtps://) or from STARTTLS on.
/// Thread safety: any thread.
namespace topoforge::curl {

enum class StartTls {
  automatic,  ///< required, but of a server on this machine
  required,
  opportunistic,  ///< where the server offers it; somebody between can take the offer away
  never,
};

struct SmtpOptions {
  std::string url;  ///< smtp://host[:587] or smtps://host[:465]
  std::string user;
  std::string password;
  std::string from;
  StartTls start_tls = StartTls::automatic;
  std::string ca_file = {};  ///< of those who vouch for certificates, PEM; empty: the system's
  std::function<Timestamp()> clock;
  std::stop_token stop = {};
};

/// "", "required", "opportunistic", "never". Errors: invalid_argument.
Result<StartTls> parse_start_tls(const std::string& text);

class SmtpTransport final : public MailTransport {
 public:
  /// Errors: invalid_argument for a URL, an address or a password without a user; the message names the variable.
  static Result<std::unique_ptr<SmtpTransport>> create(SmtpOptions options);
  Result<void> send(const Mail& mail) override;

 private:
  SmtpTransport(SmtpOptions options, std::string from_domain)
      : options_(std::move(options)), from_domain_(std::move(from_domain)) {}

  SmtpOptions options_;
  std::string from_domain_;
};

}  // namespace topoforge::curl
