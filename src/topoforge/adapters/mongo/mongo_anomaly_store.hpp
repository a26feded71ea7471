#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "topoforge/adapters/mongo/anomaly_ids.hpp"
#include "topoforge/adapters/mongo/database.hpp"
#include "topoforge/base/result.hpp"
#include "topoforge/ports/reserving_anomaly_store.hpp"

/// Purpose: anomalies in the collection `anomalies` of a MongoDB database.
/// One process at a time adds anomalies to a database (the server): its batches go in one after the other, so that
/// nobody who reads on from an id misses a smaller one. Another that adds too (a migration) is let in between batches.
/// A batch is one ordered insert, without a transaction, which a server alone does not have. What of a failed batch
/// went in is erased, at once or, when the server went away, before the next batch; a kill of this process in between
/// leaves it there, unacknowledged. Complexity: lists and walks by cursor take what they return, as each filter has an
/// index in the order of ids; counts end at kMaxCounted; pages and statistics look at all that match. Thread safety:
/// any thread.
namespace topoforge {

class MongoAnomalyStore final : public ReservingAnomalyStore {
 public:
  /// Makes the indexes that are not there. Errors: those of the database.
  static Result<std::unique_ptr<MongoAnomalyStore>> open(std::shared_ptr<mongo::Database> database);

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

  Result<std::vector<std::string>> reserve(std::size_t count) override;
  Result<void> put(std::span<const IdentifiedAnomaly> anomalies) override;
  [[nodiscard]] Result<void> check_new(const NewAnomaly& anomaly) const override;

  /// Keeps those of another store, with their ids and reviews, that are not there yet. Returns how many that were.
  /// Errors: conflict, nothing being kept, when an id is another anomaly's here.
  Result<std::size_t> restore(std::span<const StoredAnomaly> anomalies);

 private:
  MongoAnomalyStore(std::shared_ptr<mongo::Database> database, mongo::AnomalyIds ids)
      : database_(std::move(database)), ids_(std::move(ids)) {}
  Result<void> erase_doubtful();

  std::shared_ptr<mongo::Database> database_;
  std::mutex adding_;
  mongo::AnomalyIds ids_;              ///< guarded by adding_
  std::vector<std::string> doubtful_;  ///< of failed batches, which may be there; guarded by adding_
};

}  // namespace topoforge
