#include "topoforge/adapters/spool/spooled_anomaly_store.hpp"

#include <fmt/format.h>

namespace topoforge::spool {
namespace {

/// Anomalies that are written at once.
constexpr std::size_t kAtOnce = 500;

bool may_pass(ErrorCode code) { return code == ErrorCode::unavailable || code == ErrorCode::io; }

}  // namespace

Result<std::unique_ptr<SpooledAnomalyStore>> SpooledAnomalyStore::open(std::unique_ptr<ReservingAnomalyStore> store,
                                                                       SpoolOptions options) {
  auto spool = AnomalySpool::open(options.file, options.max_bytes);
  if (!spool) return tl::unexpected(std::move(spool.error()));
  return std::unique_ptr<SpooledAnomalyStore>(
      new SpooledAnomalyStore(std::move(store), std::move(*spool), std::move(options)));
}

SpooledAnomalyStore::SpooledAnomalyStore(std::unique_ptr<ReservingAnomalyStore> store, AnomalySpool spool,
                                         SpoolOptions options)
    : store_(std::move(store)), options_(std::move(options)), spool_(std::move(spool)) {
  if (!spool_.empty()) log(fmt::format("{} anomalies wait in the spool from an earlier run", spool_.size()));
  writer_ = std::jthread([this](const std::stop_token& stop) { write_waiting(stop); });
}

SpooledAnomalyStore::~SpooledAnomalyStore() {
  writer_.request_stop();
  writer_.join();
}

Result<std::vector<std::string>> SpooledAnomalyStore::add(std::span<const NewAnomaly> anomalies, Timestamp now) {
  for (const NewAnomaly& anomaly : anomalies) {
    if (auto good = store_->check_new(anomaly); !good) return tl::unexpected(std::move(good.error()));
  }
  if (anomalies.empty()) return std::vector<std::string>();
  const std::scoped_lock lock(mutex_);
  auto ids = store_->reserve(anomalies.size());
  if (!ids) return ids;
  std::vector<IdentifiedAnomaly> batch;
  batch.reserve(anomalies.size());
  for (std::size_t i = 0; i < anomalies.size(); ++i) {
    batch.push_back({.id = (*ids)[i], .stored_at = now, .anomaly = anomalies[i]});
  }
  if (spool_.empty()) {
    auto kept = store_->put(batch);
    if (kept) return ids;
    if (!may_pass(kept.error().code)) return tl::unexpected(std::move(kept.error()));
    log(fmt::format("anomalies wait in the spool '{}': {}", options_.file.string(), kept.error().message));
  }
  if (auto waits = spool_.append(batch); !waits) return tl::unexpected(std::move(waits.error()));
  filled_.notify_one();
  return ids;
}

std::size_t SpooledAnomalyStore::waiting() const {
  const std::scoped_lock lock(mutex_);
  return spool_.size();
}

void SpooledAnomalyStore::write_waiting(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    {
      std::unique_lock lock(mutex_);
      filled_.wait(lock, stop, [this] { return !spool_.empty(); });
    }
    if (stop.stop_requested() || write_front()) continue;
    std::unique_lock lock(mutex_);
    filled_.wait_for(lock, stop, options_.retry, [] { return false; });
  }
}

bool SpooledAnomalyStore::write_front() {
  const auto front = [this] {
    const std::scoped_lock lock(mutex_);
    return spool_.front(kAtOnce);
  }();
  // Without the lock: what is added meanwhile goes to the end.
  Result<void> done;
  if (front) {
    done = store_->put(front->anomalies);
  } else {
    done = tl::unexpected(front.error());
  }
  const std::scoped_lock lock(mutex_);
  if (done) done = spool_.drop(front->batches);
  if (done && spool_.empty()) log("all anomalies of the spool are written");
  if (!done && done.error().message != last_error_) {
    log(fmt::format("{} anomalies wait in the spool: {}", spool_.size(), done.error().message));
  }
  last_error_ = done ? std::string() : done.error().message;
  return done.has_value();
}

}  // namespace topoforge::spool
