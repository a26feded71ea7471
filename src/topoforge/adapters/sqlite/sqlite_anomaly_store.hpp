#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "topoforge/adapters/sqlite/database.hpp"
#include "topoforge/base/result.hpp"
#include "topoforge/ports/anomaly_store.hpp"

/// Purpose: anomalies in the SQLite file that holds everything, the store without configuration.
/// Complexity: with n anomalies, pages by cursor, walks and single filters take what they return; totals and
/// statistics come from counters. Filters that are combined may look at all that the most selective one leaves.
/// Thread safety: any thread. Several processes may use one file.
namespace topoforge {

class SqliteAnomalyStore final : public AnomalyStore {
 public:
  explicit SqliteAnomalyStore(std::shared_ptr<sqlite::Database> database) : database_(std::move(database)) {}
  /// A store with a database of its own; see sqlite::Database::open().
  static Result<std::unique_ptr<SqliteAnomalyStore>> open(const std::filesystem::path& file,
                                                          sqlite::DatabaseOptions options = {});

  Result<std::vector<std::string>> add(std::span<const NewAnomaly> anomalies, Timestamp now) override;
  Result<AnomalyPage> list(const AnomalyQuery& query) override;
  Result<std::vector<StoredAnomaly>> walk(const AnomalyWalk& part) override;
  Result<std::string> newest_id() override;
  Result<AnomalyStatistics> statistics(const StatisticsQuery& query) override;
  Result<StoredAnomaly> get(const std::string& id) override;
  Result<StoredAnomaly> review(const std::string& id, const NewReview& review, Timestamp now) override;
  Result<void> erase(const std::string& id) override;
  Result<std::size_t> erase_before(Timestamp time) override;
  Result<void> check() override { return database_->check(); }

 private:
  std::shared_ptr<sqlite::Database> database_;
};

}  // namespace topoforge
