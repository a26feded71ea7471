#include "topoforge/api/auth/user_directory.hpp"

#include <utility>

#include "topoforge/codec/text/lower_case.hpp"

namespace topoforge::api {

Result<std::optional<User>> find_by_login(Records<User>& users, std::string_view login) {
  const std::string key = lower_case(login);
  auto by_email = users.find("email_key", key);
  return by_email && !*by_email ? users.find("username_key", key) : by_email;
}

Result<bool> is_last_admin(Records<User>& users, const User& user) {
  if (user.role != Role::admin || !user.is_active) return false;
  for (std::size_t page = 1;; ++page) {
    const auto admins = users.list({.field = "role", .value = "admin", .page = page, .limit = kMaxRecordLimit});
    if (!admins) return tl::unexpected(admins.error());
    for (const User& admin : admins->data) {
      if (admin.id != user.id && admin.is_active) return false;
    }
    if (page * kMaxRecordLimit >= admins->total) return true;
  }
}

std::string_view conflict_text(const Error& conflict) {
  if (conflict.message == "email_key") return "Email already registered";
  if (conflict.message == "username_key") return "Username already taken";
  return "The account was changed meanwhile; try again";
}

bool is_taken(const Error& conflict) { return !conflict.message.empty(); }

}  // namespace topoforge::api
