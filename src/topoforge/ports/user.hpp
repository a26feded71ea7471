#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include <boost/describe.hpp>

#include "topoforge/ports/records.hpp"
#include "topoforge/ports/role.hpp"

/// Purpose: accounts. Thread safety: values.
namespace topoforge {

struct User : RecordHead {
  std::string username;
  std::string email;
  std::string username_key;  ///< in lower case, so that no two differ by case alone
  std::string email_key;     ///< likewise
  std::optional<std::string> full_name;
  std::optional<std::string> organization;
  Role role = Role::viewer;
  bool is_verified = false;  ///< the e-mail address was confirmed
  bool is_active = true;     ///< may sign in
  std::string password_hash;
  Timestamp created_at;
  Timestamp updated_at;
};
BOOST_DESCRIBE_STRUCT(User, (RecordHead),
                      (username, email, username_key, email_key, full_name, organization, role, is_verified, is_active,
                       password_hash, created_at, updated_at))

template <>
struct RecordTraits<User> {
  static constexpr std::string_view kCollection = "users";
  static constexpr std::array<std::string_view, 2> kUniqueFields{"email_key", "username_key"};
  static constexpr std::array<std::string_view, 1> kIndexedFields{"role"};
};

}  // namespace topoforge
