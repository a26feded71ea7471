#include "topoforge/user_accounts.hpp"

#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "topoforge/api/auth/user_directory.hpp"
#include "topoforge/codec/model/read_model.hpp"
#include "topoforge/codec/model/write_model.hpp"

namespace topoforge {
namespace {

Timestamp now() { return std::chrono::time_point_cast<Timestamp::duration>(std::chrono::system_clock::now()); }

/// The rules of the API, so that what is made here can sign in there.
Result<void> check(const api::Registration& registration) {
  const auto checked = read_model<api::Registration>(write_model(registration));
  if (checked) return {};
  const Detail& detail = checked.error().front();
  return fail(ErrorCode::invalid_argument,
              fmt::format("{}: {}", std::string_view(detail.loc.back().as_string()), detail.message));
}

Error explained(const Error& error) {
  if (error.code != ErrorCode::conflict) return error;
  return {ErrorCode::conflict, std::string(api::conflict_text(error))};
}

Result<User> find_user(Stores& stores, const std::string& login) {
  auto user = api::find_by_login(*stores.users, login);
  if (!user) return tl::unexpected(std::move(user.error()));
  if (*user) return std::move(**user);
  return fail(ErrorCode::not_found, fmt::format("there is no account '{}'", login));
}

Result<void> replace_user(Stores& stores, User user) {
  user.updated_at = now();
  if (auto replaced = stores.users->replace(std::move(user)); !replaced) {
    return tl::unexpected(explained(replaced.error()));
  }
  return {};
}

}  // namespace

Result<User> add_user(Stores& stores, PasswordHasher& hasher, const api::Registration& registration, Role role) {
  if (auto good = check(registration); !good) return tl::unexpected(std::move(good.error()));
  auto hash = hasher.hash(registration.password);
  if (!hash) return tl::unexpected(std::move(hash.error()));
  auto user = stores.users->insert(api::new_user(registration, role, std::move(*hash), now()));
  if (!user) return tl::unexpected(explained(user.error()));
  return user;
}

Result<void> set_role(Stores& stores, const std::string& login, Role role) {
  auto user = find_user(stores, login);
  if (!user) return tl::unexpected(std::move(user.error()));
  const auto last = role == Role::admin ? Result<bool>(false) : api::is_last_admin(*stores.users, *user);
  if (!last) return tl::unexpected(last.error());
  if (*last) return fail(ErrorCode::conflict, fmt::format("'{}': {}", login, api::kLastAdmin));
  user->role = role;
  return replace_user(stores, std::move(*user));
}

Result<void> set_password(Stores& stores, PasswordHasher& hasher, const std::string& login,
                          const std::string& password) {
  auto user = find_user(stores, login);
  if (!user) return tl::unexpected(std::move(user.error()));
  if (auto good = check({.username = user->username, .email = user->email, .password = password}); !good) return good;
  auto hash = hasher.hash(password);
  if (!hash) return tl::unexpected(std::move(hash.error()));
  user->password_hash = std::move(*hash);
  const std::string id = user->id;
  if (auto replaced = replace_user(stores, std::move(*user)); !replaced) return replaced;
  if (auto ended = stores.sessions->erase_all("user_id", id); !ended) return tl::unexpected(std::move(ended.error()));
  return {};
}

Result<bool> add_first_admin(Stores& stores, PasswordHasher& hasher, const std::string& email,
                             const std::string& password) {
  const auto users = stores.users->list({.limit = 1});
  if (!users) return tl::unexpected(users.error());
  if (users->total > 0) return false;
  auto added = add_user(stores, hasher, {.username = "admin", .email = email, .password = password}, Role::admin);
  if (!added) {
    added.error().message = "ADMIN_EMAIL and ADMIN_PASSWORD make no account: " + added.error().message;
    return tl::unexpected(std::move(added.error()));
  }
  return true;
}

}  // namespace topoforge
