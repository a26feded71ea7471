#pragma once

#include <filesystem>
#include <memory>

#include "topoforge/adapters/sqlite/database.hpp"
#include "topoforge/base/result.hpp"
#include "topoforge/ports/alert_config.hpp"
#include "topoforge/ports/anomaly_store.hpp"
#include "topoforge/ports/detector.hpp"
#include "topoforge/ports/delivery.hpp"
#include "topoforge/ports/one_time_token.hpp"
#include "topoforge/ports/session.hpp"
#include "topoforge/ports/source.hpp"
#include "topoforge/ports/user.hpp"

/// Purpose: the folder where the program keeps its data, and the stores in it.
namespace topoforge {

inline constexpr const char* kDatabaseFile = "topoforge.db";

struct Stores {
  std::shared_ptr<sqlite::Database> database;
  std::unique_ptr<AnomalyStore> anomalies;
  std::unique_ptr<Records<User>> users;
  std::unique_ptr<Records<Session>> sessions;
  std::unique_ptr<Records<OneTimeToken>> tokens;
  std::unique_ptr<Records<Source>> sources;
  std::unique_ptr<Records<Detector>> detectors;
  std::unique_ptr<Records<AlertConfig>> alert_configs;
  std::unique_ptr<Records<Delivery>> deliveries;
};

/// Where a user's programs keep their data (XDG base directories), else a folder here.
std::filesystem::path default_data_folder();
/// The folder that was asked for, or the default one; made with mode 0700 when it is not there. Errors: io.
Result<std::filesystem::path> make_data_folder(const std::filesystem::path& asked_for);
/// Opens the database in the folder or makes it. Errors: those of Database::open().
Result<Stores> open_stores(const std::filesystem::path& folder);

}  // namespace topoforge
