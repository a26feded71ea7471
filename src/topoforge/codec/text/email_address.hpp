#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "topoforge/base/result.hpp"

/// Purpose: addresses that mail can be sent to, as people write them, and the one text by which an account is found.
/// Source: RFC 5321, section 4.5.3.1, for the lengths; RFC 5322's dot-atom before the @, host names of RFC 1123 with a
/// period behind it. This takes and refuses what pydantic's EmailStr (email-validator 2) does, but for two things:
/// - Letters beyond ASCII are refused: without Unicode's normal forms two texts would be one address. A domain that has
///   them is written as `xn--...`.
/// - Domains for special use, such as .local and .test, are taken: there are mail servers within a house.
/// Thread safety: pure.
namespace topoforge {

inline constexpr std::size_t kMaxEmailBytes = 254;
inline constexpr std::size_t kMaxEmailLocalBytes = 64;
inline constexpr std::size_t kMaxDomainLabelBytes = 63;

struct EmailAddress {
  std::string text;    ///< for sending: the domain in lower case; what stands before the @ is the receiver's affair
  std::string lookup;  ///< for finding an account: all in lower case, so that Ann@x.com and ann@x.com are one

  bool operator==(const EmailAddress&) const = default;
};

/// Nothing is trimmed. Errors: invalid_data; the message says what is wrong and does not quote the text.
Result<EmailAddress> parse_email_address(std::string_view text);

}  // namespace topoforge
