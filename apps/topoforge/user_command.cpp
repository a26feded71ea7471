#include <memory>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "topoforge/adapters/crypt/bcrypt_password_hasher.hpp"
#include "topoforge/codec/text/timestamp.hpp"
#include "topoforge/commands.hpp"
#include "topoforge/password_input.hpp"
#include "topoforge/settings.hpp"
#include "topoforge/store_options.hpp"
#include "topoforge/user_accounts.hpp"

namespace topoforge {
namespace {

struct UserCommand {
  StoreOptions store;
  std::string login;
  std::string role = "viewer";
  api::Registration registration;  ///< without name and password
};

Role role_of(const std::string& name) { return *enum_from_text<Role>(name); }

Result<Stores> open(const UserCommand& command) { return open_stores(command.store, StoreUse::accounts); }

/// What a command needs that sets a password; the password is asked for last.
struct PasswordTools {
  Stores stores;
  std::unique_ptr<PasswordHasher> hasher;
  std::string password;
};

Result<PasswordTools> open_for_password(const UserCommand& command) {
  auto stores = open(command);
  if (!stores) return tl::unexpected(std::move(stores.error()));
  auto hasher = crypt::BcryptPasswordHasher::create();
  if (!hasher) return tl::unexpected(std::move(hasher.error()));
  auto password = read_password();
  if (!password) return tl::unexpected(std::move(password.error()));
  return PasswordTools{.stores = std::move(*stores), .hasher = std::move(*hasher), .password = std::move(*password)};
}

Result<void> create(const UserCommand& command) {
  auto tools = open_for_password(command);
  if (!tools) return tl::unexpected(std::move(tools.error()));
  api::Registration registration = command.registration;
  registration.username = command.login;
  registration.password = std::move(tools->password);
  const auto user = add_user(tools->stores, *tools->hasher, registration, role_of(command.role));
  if (!user) return tl::unexpected(user.error());
  fmt::print("{} <{}> is {}\n", user->username, user->email, enum_text(user->role));
  return {};
}

Result<void> list(const UserCommand& command) {
  auto stores = open(command);
  if (!stores) return tl::unexpected(std::move(stores.error()));
  for (std::size_t page = 1;; ++page) {
    const auto users = stores->users->list({.page = page, .limit = kMaxRecordLimit});
    if (!users) return tl::unexpected(users.error());
    for (const User& user : users->data) {
      fmt::print("{:<24} {:<32} {:<8} {:<9} {}\n", user.username, user.email, enum_text(user.role),
                 user.is_active ? "active" : "inactive", format_timestamp(user.created_at));
    }
    if (page * kMaxRecordLimit >= users->total) return {};
  }
}

Result<void> change_role(const UserCommand& command) {
  auto stores = open(command);
  if (!stores) return tl::unexpected(std::move(stores.error()));
  if (auto set = set_role(*stores, command.login, role_of(command.role)); !set) return set;
  fmt::print("{} is {} now\n", command.login, command.role);
  return {};
}

Result<void> reset_password(const UserCommand& command) {
  auto tools = open_for_password(command);
  if (!tools) return tl::unexpected(std::move(tools.error()));
  if (auto set = set_password(tools->stores, *tools->hasher, command.login, tools->password); !set) return set;
  fmt::print("{} has a new password; its sessions are ended\n", command.login);
  return {};
}

CLI::App& add(CLI::App& group, Action& action, const std::shared_ptr<UserCommand>& options, const char* name,
              const char* about, Result<void> (*run)(const UserCommand&)) {
  CLI::App& command = *group.add_subcommand(name, about);
  use_settings(command);
  add_store_options(command, options->store);
  command.callback([&action, options, run] { action = [options, run] { return run(*options); }; });
  return command;
}

}  // namespace

void add_user_command(CLI::App& app, Action& action) {
  CLI::App& group = *app.add_subcommand("user", "Manage the accounts of the server, which may run meanwhile");
  group.require_subcommand(1);
  const auto options = std::make_shared<UserCommand>();
  const CLI::IsMember roles({"viewer", "analyst", "admin"});

  CLI::App& make =
      add(group, action, options, "create", "Make an account; the password is read from standard input", create);
  make.add_option("name", options->login, "Name to sign in with")->required();
  make.add_option("--email", options->registration.email, "E-mail address")->required();
  make.add_option("--role", options->role, "What it may do")->check(roles)->capture_default_str();
  make.add_option("--full-name", options->registration.full_name, "Name of the person");
  make.add_option("--organization", options->registration.organization, "Where the person belongs");

  add(group, action, options, "list", "List the accounts", list);

  CLI::App& role = add(group, action, options, "set-role", "Change what an account may do", change_role);
  role.add_option("login", options->login, "Name or e-mail address")->required();
  role.add_option("role", options->role, "What it may do")->check(roles)->required();

  CLI::App& password = add(group, action, options, "reset-password",
                           "Give an account a new password, read from standard input", reset_password);
  password.add_option("login", options->login, "Name or e-mail address")->required();
  group.footer(
      "Examples:\n"
      "  topoforge user create ada --email ada@example.com --role admin\n"
      "  topoforge user set-role ada analyst");
}

}  // namespace topoforge
