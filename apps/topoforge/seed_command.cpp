#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "topoforge/adapters/crypt/bcrypt_password_hasher.hpp"
#include "topoforge/adapters/openssl/openssl_random.hpp"
#include "topoforge/api/auth/user_directory.hpp"
#include "topoforge/commands.hpp"
#include "topoforge/example_data.hpp"
#include "topoforge/password_input.hpp"
#include "topoforge/pipeline_options.hpp"
#include "topoforge/settings.hpp"
#include "topoforge/store_options.hpp"
#include "topoforge/user_accounts.hpp"

namespace topoforge {
namespace {

/// 16 characters.
constexpr std::size_t kPasswordBytes = 12;

struct SeedCommand {
  StoreOptions store;
  std::uint64_t seed = 42;
  bool reads_password = false;
};

/// One that the rules for passwords allow; of random texts most are.
Result<std::string> make_password(SecureRandom& random) {
  while (true) {
    auto password = random.url_safe_token(kPasswordBytes);
    if (!password || !api::wrong_password(*password)) return password;
  }
}

/// Says what it made, and the password unless it was given.
Result<void> seed_accounts(Stores& stores, const std::optional<std::string>& given) {
  auto hasher = crypt::BcryptPasswordHasher::create();
  if (!hasher) return tl::unexpected(std::move(hasher.error()));
  openssl::OpensslRandom random;
  for (const Role role : {Role::viewer, Role::analyst, Role::admin}) {
    const std::string name = fmt::format("example-{}", enum_text(role));
    const auto present = api::find_by_login(*stores.users, name);
    if (!present) return tl::unexpected(present.error());
    if (*present) {
      fmt::print("account {:<16} is there already\n", name);
      continue;
    }
    auto password = given ? Result<std::string>(*given) : make_password(random);
    if (!password) return tl::unexpected(std::move(password.error()));
    const auto made =
        add_user(stores, **hasher,
                 {.username = name, .email = fmt::format("{}@example.com", name), .password = *password}, role);
    if (!made) return tl::unexpected(made.error());
    fmt::print("account {:<16} is {:<8}{}\n", name, enum_text(role), given ? "" : "password " + *password);
  }
  return {};
}

Result<void> seed_anomalies(AnomalyStore& store, std::uint64_t seed) {
  for (const std::string_view source : kExampleSources) {
    const auto page = store.list({.limit = 1, .filter = {.source = std::string(source)}});
    if (!page) return tl::unexpected(page.error());
    if (page->data.empty()) continue;
    fmt::print("anomalies of {} are there already\n", source);
    return {};
  }
  const auto now = std::chrono::time_point_cast<Timestamp::duration>(std::chrono::system_clock::now());
  const auto anomalies = example_anomalies(now, seed);
  if (!anomalies) return tl::unexpected(anomalies.error());
  // All or none, so that a seed that was broken off can be repeated.
  if (const auto added = store.add(*anomalies, now); !added) return tl::unexpected(added.error());
  fmt::print("{} anomalies of {} streams in the last {} days\n", anomalies->size(), kExampleSources.size(),
             kExampleDays);
  return {};
}

Result<void> run(const SeedCommand& command) {
  auto stores = open_stores(command.store, StoreUse::server);
  if (!stores) return tl::unexpected(std::move(stores.error()));
  std::optional<std::string> password;
  if (command.reads_password) {
    auto read = read_password();
    if (!read) return tl::unexpected(std::move(read.error()));
    password = std::move(*read);
  }
  if (auto seeded = seed_accounts(*stores, password); !seeded) return seeded;
  return seed_anomalies(*stores->anomalies, command.seed);
}

}  // namespace

void add_seed_command(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("seed", "Add example accounts and anomalies, for demonstrations");
  const auto options = std::make_shared<SeedCommand>();
  use_settings(*command);
  add_store_options(*command, options->store);
  command->add_option("--example-seed", options->seed, "Seed of the streams: the same one gives the same anomalies")
      ->check(whole_number())
      ->capture_default_str();
  command->add_flag("--password-stdin", options->reads_password,
                    "Read one password for the new accounts from standard input, instead of making one for each");
  command->footer(
      "A second run adds nothing. The passwords are shown once. With MONGODB_URI no server may run meanwhile.\n"
      "Example:\n"
      "  topoforge seed --data-dir ./demo && topoforge serve --data-dir ./demo");
  command->callback([&action, options] { action = [options] { return run(*options); }; });
}

}  // namespace topoforge
