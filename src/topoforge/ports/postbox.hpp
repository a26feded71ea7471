#pragma once

#include <string>

#include "topoforge/base/result.hpp"

/// Purpose: mails that the program sends. Thread safety: an implementation may be called from any thread.
namespace topoforge {

struct Mail {
  std::string to;  ///< one address
  std::string subject;
  std::string text;     ///< UTF-8
  std::string id = {};  ///< letters, digits, - and _: two mails with one id are one mail, sent twice
};

class Postbox {
 public:
  virtual ~Postbox() = default;
  /// Takes the mail, whose id it sets, and does not wait until it is sent.
  /// Errors: unavailable when no mail server is configured, or too many mails wait.
  virtual Result<void> post(const Mail& mail) = 0;
};

class MailTransport {
 public:
  virtual ~MailTransport() = default;
  /// Hands the mail to the server that is to bring it on; blocks. The id must be given. Errors: invalid_argument for a
  /// mail that the server refuses for good; unavailable for what may go well later.
  virtual Result<void> send(const Mail& mail) = 0;
};

}  // namespace topoforge
