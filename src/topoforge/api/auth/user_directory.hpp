#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "topoforge/base/result.hpp"
#include "topoforge/ports/user.hpp"

/// Purpose: what the API and the command line both ask of the accounts in a store. Thread safety: that of the store;
/// calls block.
namespace topoforge::api {

/// By e-mail address or name, whatever its case; nothing when there is none.
Result<std::optional<User>> find_by_login(Records<User>& users, std::string_view login);

/// Whether nobody could manage accounts without this one: no other active account is an admin.
Result<bool> is_last_admin(Records<User>& users, const User& user);
inline constexpr std::string_view kLastAdmin = "This is the last admin; make another account admin first";

/// What a conflict of an insert or replace means to a person.
std::string_view conflict_text(const Error& conflict);
/// Whether it is about a value that another account has, and not about a change meanwhile.
bool is_taken(const Error& conflict);

}  // namespace topoforge::api
