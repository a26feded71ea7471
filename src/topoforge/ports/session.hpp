#pragma once

#include <array>
#include <string>
#include <string_view>

#include <boost/describe.hpp>

#include "topoforge/ports/records.hpp"

/// Purpose: what an account has signed in for: a family of refresh tokens, of which the newest alone is good.
/// Thread safety: values.
namespace topoforge {

struct Session : RecordHead {
  std::string key;  ///< random; stands in each of its tokens
  std::string user_id;
  std::string refresh_hash;  ///< SHA-256 of the newest refresh token
  Timestamp created_at;
  Timestamp expires_at;
};
BOOST_DESCRIBE_STRUCT(Session, (RecordHead), (key, user_id, refresh_hash, created_at, expires_at))

template <>
struct RecordTraits<Session> {
  static constexpr std::string_view kCollection = "sessions";
  static constexpr std::array<std::string_view, 1> kUniqueFields{"key"};
  static constexpr std::array<std::string_view, 1> kIndexedFields{"user_id"};
};

}  // namespace topoforge
