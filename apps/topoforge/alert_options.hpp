#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "topoforge/base/result.hpp"
#include "topoforge/core/event/event.hpp"
#include "topoforge/ports/postbox.hpp"

/// Purpose: how the server reaches others: mails and links. Thread safety: values and pure functions.
namespace topoforge {

struct AlertOptions {
  std::string smtp_url;  ///< smtp://host:587 or smtps://host:465; empty: no mails
  std::string smtp_user;
  std::string smtp_password;
  std::string smtp_from;
  std::string smtp_starttls;   ///< "required", "opportunistic", "never"; empty: required but of this machine
  std::string ca_file;         ///< certificates are checked against it; empty: the system's
  std::string public_url;      ///< of this server, as others reach it; empty: notifications have no links
  bool allow_private = false;  ///< webhooks may go to addresses that are not public
};

/// Nothing where no mail server is configured. Errors: invalid_argument that names the variable.
Result<std::unique_ptr<MailTransport>> make_mail_transport(const AlertOptions& options,
                                                           std::function<Timestamp()> clock, std::stop_token stop);
/// The server's URL without a slash at the end, or empty. Errors: invalid_argument.
Result<std::string> checked_public_url(const AlertOptions& options);

}  // namespace topoforge
