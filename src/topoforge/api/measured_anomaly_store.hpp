#pragma once

#include <chrono>
#include <string_view>
#include <type_traits>
#include <utility>

#include "topoforge/ports/anomaly_store.hpp"
#include "topoforge/ports/telemetry.hpp"

/// Purpose: a store whose calls are measured. Thread safety: that of the store.
namespace topoforge::api {

class MeasuredAnomalyStore final : public AnomalyStore {
 public:
  /// Both outlive it.
  MeasuredAnomalyStore(AnomalyStore& store, Telemetry& telemetry) : store_(store), telemetry_(telemetry) {}

  Result<std::vector<std::string>> add(std::span<const NewAnomaly> anomalies, Timestamp now) override {
    return measured("anomalies.add", [&] { return store_.add(anomalies, now); });
  }
  Result<AnomalyPage> list(const AnomalyQuery& query) override {
    return measured("anomalies.list", [&] { return store_.list(query); });
  }
  Result<std::vector<StoredAnomaly>> walk(const AnomalyWalk& part) override {
    return measured("anomalies.walk", [&] { return store_.walk(part); });
  }
  Result<std::string> newest_id() override {
    return measured("anomalies.newest_id", [&] { return store_.newest_id(); });
  }
  Result<AnomalyStatistics> statistics(const StatisticsQuery& query) override {
    return measured("anomalies.statistics", [&] { return store_.statistics(query); });
  }
  Result<StoredAnomaly> get(const std::string& id) override {
    return measured("anomalies.get", [&] { return store_.get(id); });
  }
  Result<StoredAnomaly> review(const std::string& id, const NewReview& review, Timestamp now) override {
    return measured("anomalies.review", [&] { return store_.review(id, review, now); });
  }
  Result<void> erase(const std::string& id) override {
    return measured("anomalies.erase", [&] { return store_.erase(id); });
  }
  Result<std::size_t> erase_before(Timestamp time) override {
    return measured("anomalies.erase_before", [&] { return store_.erase_before(time); });
  }
  Result<void> check() override {
    return measured("check", [&] { return store_.check(); });
  }
  [[nodiscard]] std::size_t waiting() const override { return store_.waiting(); }

 private:
  /// What the caller asked wrongly is no failure of the store.
  static bool failed(ErrorCode code) {
    return code == ErrorCode::io || code == ErrorCode::corrupt || code == ErrorCode::unavailable;
  }
  template <class Call>
  std::invoke_result_t<Call> measured(std::string_view operation, Call call) {
    const auto began = std::chrono::steady_clock::now();
    auto result = call();
    telemetry_.store_called(operation, std::chrono::steady_clock::now() - began,
                            result.has_value() || !failed(result.error().code));
    return result;
  }

  AnomalyStore& store_;
  Telemetry& telemetry_;
};

}  // namespace topoforge::api
