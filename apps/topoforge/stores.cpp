#include "topoforge/stores.hpp"

#include <cstdlib>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "topoforge/adapters/mongo/mongo_anomaly_store.hpp"
#include "topoforge/adapters/mongo/mongo_records.hpp"
#include "topoforge/adapters/spool/spooled_anomaly_store.hpp"
#include "topoforge/adapters/sqlite/sqlite_anomaly_store.hpp"
#include "topoforge/adapters/sqlite/sqlite_records.hpp"

namespace topoforge {
namespace {

template <template <class> class Records, class T, class Database>
Result<void> open_records(const std::shared_ptr<Database>& database, std::unique_ptr<topoforge::Records<T>>& records) {
  auto opened = Records<T>::open(database);
  if (!opened) return tl::unexpected(std::move(opened.error()));
  records = std::move(*opened);
  return {};
}

template <template <class> class Records, class Database>
Result<void> open_all_records(const std::shared_ptr<Database>& database, Stores& stores) {
  auto opened = open_records<Records>(database, stores.users);
  if (opened) opened = open_records<Records>(database, stores.sessions);
  if (opened) opened = open_records<Records>(database, stores.tokens);
  if (opened) opened = open_records<Records>(database, stores.sources);
  if (opened) opened = open_records<Records>(database, stores.detectors);
  if (opened) opened = open_records<Records>(database, stores.alert_configs);
  if (opened) opened = open_records<Records>(database, stores.deliveries);
  return opened;
}

Result<Stores> open_sqlite(const std::filesystem::path& folder) {
  auto database = sqlite::Database::open(folder / kDatabaseFile);
  if (!database) return tl::unexpected(std::move(database.error()));
  Stores stores{.place = (*database)->file().string()};
  stores.anomalies = std::make_unique<SqliteAnomalyStore>(*database);
  if (auto opened = open_all_records<SqliteRecords>(*database, stores); !opened) {
    return tl::unexpected(std::move(opened.error()));
  }
  return stores;
}

Result<void> open_mongo_anomalies(const std::shared_ptr<mongo::Database>& database, const std::filesystem::path& folder,
                                  Stores& stores) {
  auto anomalies = MongoAnomalyStore::open(database);
  if (!anomalies) return tl::unexpected(std::move(anomalies.error()));
  auto spooled = spool::SpooledAnomalyStore::open(
      std::move(*anomalies),
      {.file = folder / "anomalies.spool", .log = [](std::string_view message) { spdlog::warn("{}", message); }});
  if (!spooled) return tl::unexpected(std::move(spooled.error()));
  stores.anomalies = std::move(*spooled);
  return {};
}

Result<Stores> open_mongo(const StoreOptions& options, const std::filesystem::path& folder, StoreUse use) {
  auto database = mongo::Database::open({.uri = options.mongodb_uri, .name = options.database_name});
  if (!database) return tl::unexpected(std::move(database.error()));
  Stores stores{.place = (*database)->place()};
  auto opened = open_all_records<MongoRecords>(*database, stores);
  if (opened && use == StoreUse::server) opened = open_mongo_anomalies(*database, folder, stores);
  if (!opened) return tl::unexpected(std::move(opened.error()));
  return stores;
}

}  // namespace

std::filesystem::path default_data_folder() {
  if (const char* const data = std::getenv("XDG_DATA_HOME"); data != nullptr && data[0] == '/') {
    return std::filesystem::path(data) / "topoforge";
  }
  if (const char* const home = std::getenv("HOME"); home != nullptr && home[0] == '/') {
    return std::filesystem::path(home) / ".local" / "share" / "topoforge";
  }
  return std::filesystem::current_path() / "topoforge-data";
}

Result<std::filesystem::path> make_data_folder(const std::filesystem::path& asked_for) {
  const std::filesystem::path folder = asked_for.empty() ? default_data_folder() : asked_for;
  std::error_code error;
  if (std::filesystem::is_directory(folder, error)) return folder;
  std::filesystem::create_directories(folder, error);
  if (!error) std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  if (!error) return folder;
  return fail(ErrorCode::io, fmt::format("cannot make the data folder '{}': {}; choose another with --data-dir",
                                         folder.string(), error.message()));
}

Result<Stores> open_stores(const StoreOptions& options, StoreUse use) {
  const auto folder = make_data_folder(options.data_folder);
  if (!folder) return tl::unexpected(folder.error());
  return options.mongodb_uri.empty() ? open_sqlite(*folder) : open_mongo(options, *folder, use);
}

}  // namespace topoforge
