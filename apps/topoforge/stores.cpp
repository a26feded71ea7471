#include "topoforge/stores.hpp"

#include <cstdlib>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "topoforge/adapters/sqlite/sqlite_anomaly_store.hpp"
#include "topoforge/adapters/sqlite/sqlite_records.hpp"

namespace topoforge {
namespace {

template <class T>
Result<void> open_records(const std::shared_ptr<sqlite::Database>& database, std::unique_ptr<Records<T>>& records) {
  auto opened = SqliteRecords<T>::open(database);
  if (!opened) return tl::unexpected(std::move(opened.error()));
  records = std::move(*opened);
  return {};
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

Result<Stores> open_stores(const std::filesystem::path& folder) {
  auto database = sqlite::Database::open(folder / kDatabaseFile);
  if (!database) return tl::unexpected(std::move(database.error()));
  Stores stores;
  stores.database = std::move(*database);
  stores.anomalies = std::make_unique<SqliteAnomalyStore>(stores.database);
  if (auto opened = open_records(stores.database, stores.users); !opened) return tl::unexpected(opened.error());
  if (auto opened = open_records(stores.database, stores.sessions); !opened) return tl::unexpected(opened.error());
  if (auto opened = open_records(stores.database, stores.tokens); !opened) return tl::unexpected(opened.error());
  if (auto opened = open_records(stores.database, stores.sources); !opened) return tl::unexpected(opened.error());
  if (auto opened = open_records(stores.database, stores.detectors); !opened) return tl::unexpected(opened.error());
  if (auto opened = open_records(stores.database, stores.alert_configs); !opened) return tl::unexpected(opened.error());
  if (auto opened = open_records(stores.database, stores.deliveries); !opened) return tl::unexpected(opened.error());
  return stores;
}

}  // namespace topoforge
