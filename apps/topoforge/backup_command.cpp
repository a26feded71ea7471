#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "topoforge/adapters/sqlite/database.hpp"
#include "topoforge/adapters/sqlite/sqlite_anomaly_store.hpp"
#include "topoforge/adapters/sqlite/sqlite_records.hpp"
#include "topoforge/codec/report/axis.hpp"
#include "topoforge/commands.hpp"
#include "topoforge/settings.hpp"
#include "topoforge/store_options.hpp"

namespace topoforge {
namespace {

struct BackupCommand {
  StoreOptions store;
  std::string target;
};

struct Contents {
  std::size_t anomalies = 0;
  std::size_t accounts = 0;
};

/// Opens the copy, which checks it too.
Result<Contents> contents_of(const std::string& file) {
  auto database = sqlite::Database::open(file);
  if (!database) return tl::unexpected(std::move(database.error()));
  const auto statistics = SqliteAnomalyStore(*database).statistics({});
  if (!statistics) return tl::unexpected(statistics.error());
  const auto users = SqliteRecords<User>::open(*database);
  if (!users) return tl::unexpected(users.error());
  const auto page = (*users)->list({.limit = 1});
  if (!page) return tl::unexpected(page.error());
  return Contents{.anomalies = statistics->total, .accounts = page->total};
}

Result<void> run(const BackupCommand& command) {
  if (!command.store.mongodb_uri.empty()) {
    return fail(ErrorCode::invalid_argument,
                "MONGODB_URI names a MongoDB, which mongodump copies; this copies the file in the data folder");
  }
  const std::filesystem::path folder =
      command.store.data_folder.empty() ? default_data_folder() : command.store.data_folder;
  const std::filesystem::path source = folder / kDatabaseFile;
  std::error_code error;
  if (!std::filesystem::exists(source, error)) {
    return fail(ErrorCode::not_found,
                fmt::format("there is no database '{}'; name its folder with --data-dir", source.string()));
  }
  auto database = sqlite::Database::open(source);
  if (!database) return tl::unexpected(std::move(database.error()));
  if (auto copied = (*database)->backup(command.target); !copied) return copied;
  const auto contents = contents_of(command.target);
  if (!contents) return tl::unexpected(contents.error());
  fmt::print("{}: {} bytes, {} {}, {} {}\n", command.target, grouped_number(std::filesystem::file_size(command.target)),
             grouped_number(contents->anomalies), contents->anomalies == 1 ? "anomaly" : "anomalies",
             grouped_number(contents->accounts), contents->accounts == 1 ? "account" : "accounts");
  return {};
}

}  // namespace

void add_backup_command(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("backup", "Copy the database to a new file, while the server runs or not");
  const auto options = std::make_shared<BackupCommand>();
  use_settings(*command);
  add_store_options(*command, options->store);
  command->add_option("FILE", options->target, "The copy; it must not exist")->required();
  command->footer(
      "To restore: stop the server, remove topoforge.db, topoforge.db-wal and topoforge.db-shm from the data folder,\n"
      "copy FILE there as topoforge.db, start the server.\n"
      "Example:\n"
      "  topoforge backup /backup/topoforge-$(date +%F).db");
  command->callback([&action, options] { action = [options] { return run(*options); }; });
}

}  // namespace topoforge
