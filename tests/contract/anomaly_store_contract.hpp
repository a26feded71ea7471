#pragma once

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "topoforge/ports/anomaly_store.hpp"

/// Purpose: what the tests of the contract of AnomalyStore share. A store joins with a line in the list of
/// anomaly_store_contract_test.cpp.
namespace topoforge {

/// A store of its own for one test, which open() opens again with what was kept.
struct StoreUnderTest {
  std::string name;
  std::function<Result<std::unique_ptr<AnomalyStore>>(const std::filesystem::path& folder)> open;
  std::function<void(const std::filesystem::path& folder)> forget = {};  ///< what does not go with the folder
  std::function<std::string()> missing = {};                             ///< why it cannot be tested; empty: it can
  /// What a server that looks at all for every question can still do in a minute.
  std::size_t many = 12'000;
  std::size_t changes = 80;
};

class AnomalyStoreContract : public testing::TestWithParam<StoreUnderTest> {
 protected:
  void SetUp() override {
    if (const auto& missing = GetParam().missing; missing && !missing().empty()) GTEST_SKIP() << missing();
    std::string pattern = (std::filesystem::temp_directory_path() / "topoforge-store-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    reopen();
  }
  void TearDown() override {
    store_.reset();
    if (folder_.empty()) return;
    if (GetParam().forget) GetParam().forget(folder_);
    std::filesystem::remove_all(folder_);
  }
  void reopen() {
    store_.reset();
    auto opened = GetParam().open(folder_);
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = std::move(*opened);
  }
  std::string add(const NewAnomaly& anomaly, Timestamp now) {
    const auto ids = store_->add(std::vector{anomaly}, now);
    EXPECT_TRUE(ids) << ids.error().message;
    return ids ? ids->at(0) : std::string();
  }
  static std::vector<std::uint64_t> sequences(const std::vector<StoredAnomaly>& anomalies) {
    std::vector<std::uint64_t> list;
    for (const StoredAnomaly& anomaly : anomalies) list.push_back(anomaly.analysis.sequence);
    return list;
  }
  [[nodiscard]] std::vector<std::uint64_t> listed(const AnomalyQuery& query) const {
    const auto page = store_->list(query);
    EXPECT_TRUE(page) << page.error().message;
    return page ? sequences(page->data) : std::vector<std::uint64_t>{};
  }

  std::filesystem::path folder_;
  std::unique_ptr<AnomalyStore> store_;
};

inline constexpr Timestamp kNow{std::chrono::microseconds{1'700'000'000'000'001}};

inline NewAnomaly anomaly_of(std::uint64_t sequence, const std::string& source, double score) {
  NewAnomaly anomaly;
  anomaly.analysis.sequence = sequence;
  anomaly.analysis.stream = {source, "entity"};
  anomaly.analysis.detector = "night shift";
  anomaly.analysis.timestamp = kNow - std::chrono::seconds{5};
  anomaly.analysis.anomaly_score = score;
  anomaly.analysis.is_anomaly = true;
  anomaly.analysis.risk_level = risk_level(score);
  anomaly.analysis.explanation = "because of \"quotes\", ünïcode and 'apostrophes'; DROP TABLE anomalies";
  anomaly.event = Event{.stream = {source, "entity"},
                        .timestamp = kNow - std::chrono::seconds{5},
                        .values = {{"cpu", 0.1 + 0.2}, {"net", -1e150}},
                        .attributes = {{"user", "x"}},
                        .id = "e" + std::to_string(sequence)};
  return anomaly;
}

inline NewAnomaly with_techniques(NewAnomaly anomaly, const std::vector<std::string>& ids) {
  for (const std::string& id : ids) anomaly.analysis.security.threats.emplace_back().technique_id = id;
  return anomaly;
}

}  // namespace topoforge
