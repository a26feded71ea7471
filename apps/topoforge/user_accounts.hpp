#pragma once

#include <string>

#include "topoforge/api/auth/account_models.hpp"
#include "topoforge/base/result.hpp"
#include "topoforge/ports/password_hasher.hpp"
#include "topoforge/stores.hpp"

/// Purpose: accounts, managed without a server. Calls block.
namespace topoforge {

/// Errors: invalid_argument for a value that the API would refuse, naming it; conflict when the name or the address is
/// taken; those of the store.
Result<User> add_user(Stores& stores, PasswordHasher& hasher, const api::Registration& registration, Role role);
/// login: name or e-mail address. Errors: not_found; conflict for the last admin; those of the store.
Result<void> set_role(Stores& stores, const std::string& login, Role role);
/// All sessions of the account end. Errors: not_found; as add_user().
Result<void> set_password(Stores& stores, PasswordHasher& hasher, const std::string& login,
                          const std::string& password);

/// An admin named "admin" where there are no accounts at all. Returns whether one was made. Errors: as add_user().
Result<bool> add_first_admin(Stores& stores, PasswordHasher& hasher, const std::string& email,
                             const std::string& password);

}  // namespace topoforge
