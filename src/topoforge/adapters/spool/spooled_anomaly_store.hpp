#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "topoforge/adapters/spool/anomaly_spool.hpp"
#include "topoforge/base/result.hpp"
#include "topoforge/ports/reserving_anomaly_store.hpp"

/// Purpose: a store of anomalies whose database may go away. What is added meanwhile waits in a spool with the ids that
/// it has got, and is written, in its order and once, when the database is back; until the spool is empty, what is
/// added goes to its end. Everything else asks the database, which says unavailable while it is away. Thread safety:
/// any thread.
namespace topoforge::spool {

struct SpoolOptions {
  std::filesystem::path file;
  std::uint64_t max_bytes = std::uint64_t{64} << 20;
  std::chrono::milliseconds retry{500};  ///< between attempts to write what waits
  /// Told when anomalies begin to wait, cannot be written for a new reason, and are all written.
  std::function<void(std::string_view message)> log = {};
};

class SpooledAnomalyStore final : public AnomalyStore {
 public:
  /// Writes what waits from an earlier run. Errors: those of the spool.
  static Result<std::unique_ptr<SpooledAnomalyStore>> open(std::unique_ptr<ReservingAnomalyStore> store,
                                                           SpoolOptions options);
  /// What waits then is written by the next run.
  ~SpooledAnomalyStore() override;

  /// Errors, beside those of AnomalyStore::add(): unavailable when database and spool cannot take it.
  Result<std::vector<std::string>> add(std::span<const NewAnomaly> anomalies, Timestamp now) override;
  Result<AnomalyPage> list(const AnomalyQuery& query) override { return store_->list(query); }
  Result<std::vector<StoredAnomaly>> walk(const AnomalyWalk& part) override { return store_->walk(part); }
  Result<std::string> newest_id() override { return store_->newest_id(); }
  Result<AnomalyStatistics> statistics(const StatisticsQuery& query) override { return store_->statistics(query); }
  Result<StoredAnomaly> get(const std::string& id) override { return store_->get(id); }
  Result<StoredAnomaly> review(const std::string& id, const NewReview& review, Timestamp now) override {
    return store_->review(id, review, now);
  }
  Result<void> erase(const std::string& id) override { return store_->erase(id); }
  Result<std::size_t> erase_before(Timestamp time) override { return store_->erase_before(time); }
  Result<void> check() override { return store_->check(); }

  /// Anomalies that wait.
  [[nodiscard]] std::size_t waiting() const override;

 private:
  SpooledAnomalyStore(std::unique_ptr<ReservingAnomalyStore> store, AnomalySpool spool, SpoolOptions options);
  void write_waiting(const std::stop_token& stop);
  /// Whether there is more to write at once.
  bool write_front();
  void log(const std::string& message) const {
    if (options_.log) options_.log(message);
  }

  std::unique_ptr<ReservingAnomalyStore> store_;
  SpoolOptions options_;
  mutable std::mutex mutex_;  ///< held while a batch is added, so that batches keep the order of their ids
  AnomalySpool spool_;        ///< guarded by mutex_
  std::string last_error_;    ///< of the writer
  std::condition_variable_any filled_;
  std::jthread writer_;
};

}  // namespace topoforge::spool
