#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "topoforge/base/result.hpp"
#include "topoforge/ports/anomaly_store.hpp"

/// Purpose: anomalies in one SQLite file, the store without configuration. Analysis and event are kept as JSON; time,
/// source and score also as indexed columns. Several processes may use one file.
/// Thread safety: any thread; calls wait for each other.
namespace topoforge {

class SqliteAnomalyStore final : public AnomalyStore {
 public:
  /// Opens the file or makes it and its tables; an older layout is brought up to date.
  /// Errors: io, corrupt, unavailable, as the message says; invalid_data when a newer TopoForge or another program
  /// made the file.
  static Result<std::unique_ptr<SqliteAnomalyStore>> open(const std::filesystem::path& file);
  ~SqliteAnomalyStore() override;

  Result<std::vector<std::string>> add(std::span<const NewAnomaly> anomalies, Timestamp now) override;
  Result<AnomalyPage> list(const AnomalyQuery& query) override;
  Result<StoredAnomaly> get(const std::string& id) override;
  Result<void> check() override;

 private:
  struct State;
  explicit SqliteAnomalyStore(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace topoforge
