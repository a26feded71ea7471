#include <filesystem>
#include <stdexcept>

#include "bench/service/options.hpp"
#include "topoforge/adapters/sqlite/example_anomalies.hpp"
#include "topoforge/adapters/sqlite/sqlite_anomaly_store.hpp"

namespace topoforge::load {

void run(const Fill& fill) {
  const std::filesystem::path folder = fill.data_folder;
  std::filesystem::create_directories(folder);
  auto store = SqliteAnomalyStore::open(folder / "topoforge.db");
  if (!store) throw std::runtime_error(store.error().message);
  const auto added = add_examples(**store, fill.anomalies);
  if (!added) throw std::runtime_error(added.error().message);
}

}  // namespace topoforge::load
