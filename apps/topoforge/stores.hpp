#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "topoforge/base/result.hpp"
#include "topoforge/ports/alert_config.hpp"
#include "topoforge/ports/anomaly_store.hpp"
#include "topoforge/ports/delivery.hpp"
#include "topoforge/ports/detector.hpp"
#include "topoforge/ports/one_time_token.hpp"
#include "topoforge/ports/session.hpp"
#include "topoforge/ports/source.hpp"
#include "topoforge/ports/user.hpp"

/// Purpose: the folder where the program keeps its data, and the stores: a MongoDB database where one is named, else an
/// SQLite file in the folder.
namespace topoforge {

inline constexpr const char* kDatabaseFile = "topoforge.db";

struct StoreOptions {
  std::filesystem::path data_folder;  ///< empty: the default one
  std::string mongodb_uri;            ///< empty: SQLite
  std::string database_name = "topoforge";
};

/// What the stores are opened for. Anomalies have one owner, the server: of MongoDB their store is not opened
/// otherwise.
enum class StoreUse { server, accounts };

struct Stores {
  std::string place;  ///< where the data are, for people
  std::unique_ptr<AnomalyStore> anomalies = {};
  std::unique_ptr<Records<User>> users = {};
  std::unique_ptr<Records<Session>> sessions = {};
  std::unique_ptr<Records<OneTimeToken>> tokens = {};
  std::unique_ptr<Records<Source>> sources = {};
  std::unique_ptr<Records<Detector>> detectors = {};
  std::unique_ptr<Records<AlertConfig>> alert_configs = {};
  std::unique_ptr<Records<Delivery>> deliveries = {};
};

/// Where a user's programs keep their data (XDG base directories), else a folder here.
std::filesystem::path default_data_folder();
/// The folder that was asked for, or the default one; made with mode 0700 when it is not there. Errors: io.
Result<std::filesystem::path> make_data_folder(const std::filesystem::path& asked_for);
/// Opens the database or makes it. With MongoDB, anomalies that cannot be written wait in the folder.
/// Errors: those of sqlite::Database::open(), mongo::Database::open() and the spool.
Result<Stores> open_stores(const StoreOptions& options, StoreUse use);

}  // namespace topoforge
