#pragma once

#include <string>
#include <string_view>

#include "topoforge/core/event/event.hpp"

/// Purpose: a mail as it goes to a mail server. Source: RFC 5322; RFC 2047 for a subject beyond ASCII; RFC 2045 for the
/// text, which is UTF-8 as quoted-printable. No member can add a header: control characters of the subject become
/// spaces, and addresses were checked (codec/text/email_address.hpp). Lines end with CR LF and have at most 76
/// characters, but for addresses. Thread safety: pure.
namespace topoforge {

struct MailMessage {
  std::string from_name;   ///< ASCII words
  std::string from;        ///< an address
  std::string to;          ///< an address
  std::string subject;     ///< UTF-8
  std::string text;        ///< UTF-8; lines end with LF
  std::string message_id;  ///< without the angle brackets
  Timestamp date;
};

std::string write_mail(const MailMessage& mail);

/// RFC 2047, where the text is not plain ASCII; folded.
std::string encode_header_text(std::string_view text);
std::string encode_quoted_printable(std::string_view text);
/// RFC 5322, section 3.3: "Thu, 26 Nov 2026 00:05:00 +0000".
std::string mail_date(Timestamp time);

}  // namespace topoforge
