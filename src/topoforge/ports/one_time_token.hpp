#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include <boost/describe.hpp>

#include "topoforge/ports/records.hpp"

/// Purpose: tokens that are mailed, each good for one thing, once. They are erased when they are used.
/// Thread safety: values.
namespace topoforge {

enum class TokenPurpose { reset_password, verify_email };
BOOST_DESCRIBE_ENUM(TokenPurpose, reset_password, verify_email)

struct OneTimeToken : RecordHead {
  std::string token_hash;  ///< SHA-256
  TokenPurpose purpose = TokenPurpose::reset_password;
  std::string user_id;
  /// That of the address which the token is mailed to: it says nothing of another that the account has later.
  std::optional<std::string> email_key = std::nullopt;
  Timestamp expires_at;
};
BOOST_DESCRIBE_STRUCT(OneTimeToken, (RecordHead), (token_hash, purpose, user_id, email_key, expires_at))

template <>
struct RecordTraits<OneTimeToken> {
  static constexpr std::string_view kCollection = "one_time_tokens";
  static constexpr std::array<std::string_view, 1> kUniqueFields{"token_hash"};
  static constexpr std::array<std::string_view, 1> kIndexedFields{"user_id"};
};

}  // namespace topoforge
