#include <memory>
#include <tuple>

#include <fmt/format.h>

#include "topoforge/commands.hpp"
#include "topoforge/migration.hpp"
#include "topoforge/settings.hpp"
#include "topoforge/store_options.hpp"

namespace topoforge {
namespace {

Result<void> migrate(const StoreOptions& options) {
  const auto copied = copy_sqlite_to_mongo(options);
  if (!copied) return tl::unexpected(copied.error());
  for (const CopiedCollection& one : *copied) {
    fmt::print("{:<16} {} read, {} written, {} there already\n", one.name, one.read, one.written,
               one.read - one.written);
  }
  return {};
}

}  // namespace

void add_migrate_command(CLI::App& app, Action& action) {
  CLI::App& command = *app.add_subcommand("migrate", "Copy the store to MongoDB, while no server runs");
  const auto options = std::make_shared<StoreOptions>();
  use_settings(command);
  add_store_options(command, *options);
  for (const auto& [name, store, about] :
       {std::tuple{"--from", "sqlite", "Store to copy"}, std::tuple{"--to", "mongo", "Where to copy it"}}) {
    command.add_option(name, about)->check(CLI::IsMember({store}))->required();
  }
  command.footer(
      "MONGODB_URI and DATABASE_NAME say where to. It may be run again: what is there already stays.\n"
      "Example:\n"
      "  MONGODB_URI=mongodb://127.0.0.1:27017/ topoforge migrate --from sqlite --to mongo");
  command.callback([&action, options] { action = [options] { return migrate(*options); }; });
}

}  // namespace topoforge
