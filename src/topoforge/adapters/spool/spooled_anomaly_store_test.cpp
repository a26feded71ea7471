#include "topoforge/adapters/spool/spooled_anomaly_store.hpp"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "topoforge/codec/text/record_id.hpp"

namespace topoforge::spool {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

constexpr Timestamp kNow{1'700'000'000'123'456us};

/// A database that is a file of ids, which survives a kill, and that is away while another file is there.
class FileDatabase final : public ReservingAnomalyStore {
 public:
  explicit FileDatabase(std::filesystem::path folder, std::int64_t first_id = 1)
      : folder_(std::move(folder)), next_(first_id) {}

  Result<std::vector<std::string>> reserve(std::size_t count) override {
    std::vector<std::string> ids;
    while (ids.size() < count) ids.push_back(id_text(next_++));
    return ids;
  }
  Result<void> put(std::span<const IdentifiedAnomaly> anomalies) override {
    if (std::filesystem::exists(folder_ / "away")) return away();
    const std::vector<std::string> there = kept(folder_);
    for (const IdentifiedAnomaly& one : anomalies) {
      if (cut_after_ > 0 && --cut_after_ == 0) return away();
      if (std::find(there.begin(), there.end(), one.id) != there.end()) continue;
      std::ofstream(folder_ / "kept", std::ios::app) << one.id + '\n' << std::flush;
      put_.push_back(one);
    }
    return {};
  }
  [[nodiscard]] Result<void> check_new(const NewAnomaly& anomaly) const override {
    if (anomaly.analysis.anomaly_score <= 1.0) return {};
    return fail(ErrorCode::invalid_argument, "score");
  }
  Result<std::vector<std::string>> add(std::span<const NewAnomaly>, Timestamp) override { return away(); }
  Result<AnomalyPage> list(const AnomalyQuery&) override { return away(); }
  Result<std::vector<StoredAnomaly>> walk(const AnomalyWalk&) override { return away(); }
  Result<std::string> newest_id() override { return away(); }
  Result<AnomalyStatistics> statistics(const StatisticsQuery&) override { return away(); }
  Result<StoredAnomaly> get(const std::string&) override { return away(); }
  Result<StoredAnomaly> review(const std::string&, const NewReview&, Timestamp) override { return away(); }
  Result<void> erase(const std::string&) override { return away(); }
  Result<std::size_t> erase_before(Timestamp) override { return away(); }
  Result<void> check() override { return away(); }

  /// Goes away in the middle of a batch, before this anomaly of it.
  void cut_after(int anomalies) { cut_after_ = anomalies; }
  [[nodiscard]] const std::vector<IdentifiedAnomaly>& put_here() const { return put_; }

  /// The ids in the order in which they were kept.
  static std::vector<std::string> kept(const std::filesystem::path& folder) {
    std::vector<std::string> ids;
    std::ifstream file(folder / "kept");
    for (std::string id; std::getline(file, id);) ids.push_back(id);
    return ids;
  }

 private:
  static tl::unexpected<Error> away() { return fail(ErrorCode::unavailable, "the database is away"); }

  std::filesystem::path folder_;
  std::int64_t next_;
  std::atomic<int> cut_after_ = 0;
  std::vector<IdentifiedAnomaly> put_;
};

NewAnomaly anomaly_of(std::uint64_t sequence) {
  NewAnomaly anomaly;
  anomaly.analysis.sequence = sequence;
  anomaly.analysis.stream = {"web", "a \"quoted\" entity\n"};
  anomaly.analysis.timestamp = kNow - 1us;
  anomaly.analysis.anomaly_score = 0.1 + 0.2;
  anomaly.analysis.is_anomaly = true;
  anomaly.event =
      Event{.stream = {"web", "other"}, .timestamp = {}, .values = {{"cpu", 0.3}}, .attributes = {}, .id = "e"};
  return anomaly;
}

class SpooledAnomalyStoreTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "topoforge-spool-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] SpoolOptions options(std::uint64_t max_bytes = 64 << 20) const {
    return {.file = folder_ / "spool", .max_bytes = max_bytes, .retry = 1ms};
  }
  std::unique_ptr<SpooledAnomalyStore> open(std::int64_t first_id = 1) {
    auto database = std::make_unique<FileDatabase>(folder_, first_id);
    database_ = database.get();
    auto store = SpooledAnomalyStore::open(std::move(database), options());
    EXPECT_TRUE(store) << store.error().message;
    return std::move(*store);
  }
  void go_away() const { std::ofstream(folder_ / "away") << ""; }
  void come_back() const { std::filesystem::remove(folder_ / "away"); }
  static void wait_until_written(const SpooledAnomalyStore& store) {
    for (int i = 0; i < 10'000 && store.waiting() > 0; ++i) std::this_thread::sleep_for(1ms);
    EXPECT_EQ(store.waiting(), 0U);
  }
  static std::vector<NewAnomaly> batch(std::size_t count) {
    std::vector<NewAnomaly> anomalies;
    for (std::size_t i = 0; i < count; ++i) anomalies.push_back(anomaly_of(i));
    return anomalies;
  }
  [[nodiscard]] std::string spool_text() const {
    std::ifstream file(folder_ / "spool");
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::filesystem::path folder_;
  FileDatabase* database_ = nullptr;
};

TEST_F(SpooledAnomalyStoreTest, NothingWaitsWhileTheDatabaseIsThere) {
  const auto store = open();
  const auto ids = store->add(batch(3), kNow);
  ASSERT_TRUE(ids) << ids.error().message;
  EXPECT_EQ(FileDatabase::kept(folder_), *ids);
  EXPECT_EQ(store->waiting(), 0U);
}

TEST_F(SpooledAnomalyStoreTest, WhatIsAddedInAnOutageIsWrittenAfterItInOrderAndOnce) {
  const auto store = open();
  std::vector<std::string> all;
  for (int i = 0; i < 12; ++i) {
    if (i == 3) go_away();
    if (i == 9) come_back();
    const auto ids = store->add(batch(2), kNow);
    ASSERT_TRUE(ids) << ids.error().message;
    all.insert(all.end(), ids->begin(), ids->end());
    if (i == 8) {
      EXPECT_EQ(store->waiting(), 12U);
      EXPECT_THAT(FileDatabase::kept(folder_), SizeIs(6));
      EXPECT_EQ(store->list({}).error().code, ErrorCode::unavailable) << "readers are told";
    }
  }
  wait_until_written(*store);
  EXPECT_EQ(FileDatabase::kept(folder_), all);
  EXPECT_TRUE(std::is_sorted(all.begin(), all.end()));
}

TEST_F(SpooledAnomalyStoreTest, ADatabaseThatGoesAwayWithinABatchGetsTheRestOfIt) {
  const auto store = open();
  database_->cut_after(3);
  const auto ids = store->add(batch(5), kNow);
  ASSERT_TRUE(ids);
  wait_until_written(*store);
  EXPECT_EQ(FileDatabase::kept(folder_), *ids);
}

TEST_F(SpooledAnomalyStoreTest, WhatWaitsIsKeptAsItIs) {
  NewAnomaly logged;
  logged.analysis.stream.source = "phone";
  logged.analysis.explanation = "somebody called";
  logged.origin = AnomalyOrigin::manual;
  logged.created_by = "ada";
  go_away();
  {
    const auto store = open();
    ASSERT_TRUE(store->add(std::vector{anomaly_of(7), logged}, kNow));
  }
  come_back();
  const auto store = open(100);
  wait_until_written(*store);
  ASSERT_THAT(database_->put_here(), SizeIs(2));
  const IdentifiedAnomaly& first = database_->put_here()[0];
  EXPECT_EQ(first.id, id_text(1));
  EXPECT_EQ(first.stored_at, kNow);
  EXPECT_EQ(first.anomaly.event, anomaly_of(7).event);
  EXPECT_EQ(first.anomaly.analysis.stream, anomaly_of(7).analysis.stream);
  EXPECT_EQ(first.anomaly.analysis.timestamp, anomaly_of(7).analysis.timestamp);
  EXPECT_EQ(first.anomaly.analysis.anomaly_score, 0.1 + 0.2);
  EXPECT_EQ(first.anomaly.origin, AnomalyOrigin::engine);
  const IdentifiedAnomaly& second = database_->put_here()[1];
  EXPECT_EQ(second.anomaly.origin, AnomalyOrigin::manual);
  EXPECT_EQ(second.anomaly.created_by, "ada");
  EXPECT_FALSE(second.anomaly.event);
  EXPECT_FALSE(second.anomaly.analysis.timestamp);
  EXPECT_EQ(second.anomaly.analysis.explanation, "somebody called");
}

TEST_F(SpooledAnomalyStoreTest, AFullSpoolTakesNothingMoreAndLosesNothing) {
  go_away();
  auto database = std::make_unique<FileDatabase>(folder_);
  const auto store = SpooledAnomalyStore::open(std::move(database), options(20'000)).value();
  std::vector<std::string> taken;
  while (true) {
    const auto ids = store->add(batch(1), kNow);
    if (!ids) {
      EXPECT_EQ(ids.error().code, ErrorCode::unavailable);
      EXPECT_THAT(ids.error().message, HasSubstr("full"));
      break;
    }
    taken.push_back(ids->front());
    ASSERT_LT(taken.size(), 1000U);
  }
  EXPECT_GT(taken.size(), 5U);
  EXPECT_LE(std::filesystem::file_size(folder_ / "spool"), 20'000U);
  come_back();
  wait_until_written(*store);
  EXPECT_EQ(FileDatabase::kept(folder_), taken);
  EXPECT_TRUE(store->add(batch(1), kNow));
}

TEST_F(SpooledAnomalyStoreTest, AFullDiskIsAnErrorAndLeavesNoPart) {
  go_away();
  const auto store = open();
  ASSERT_TRUE(store->add(batch(1), kNow));
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  rlimit limited = before;
  limited.rlim_cur = std::filesystem::file_size(folder_ / "spool") + 100;
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &limited);
  const auto refused = store->add(batch(3), kNow);
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::io);
  ASSERT_TRUE(store->add(batch(1), kNow));
  come_back();
  wait_until_written(*store);
  EXPECT_THAT(FileDatabase::kept(folder_), ElementsAre(id_text(1), id_text(5)));
}

TEST_F(SpooledAnomalyStoreTest, WhatIsRefusedDoesNotWait) {
  go_away();
  const auto store = open();
  NewAnomaly wrong = anomaly_of(0);
  wrong.analysis.anomaly_score = 2.0;
  EXPECT_EQ(store->add(std::vector{anomaly_of(1), wrong}, kNow).error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(store->waiting(), 0U);
}

TEST_F(SpooledAnomalyStoreTest, ALineThatAKillCutOffIsCutAway) {
  go_away();
  { ASSERT_TRUE(open()->add(batch(2), kNow)); }
  const std::string whole = spool_text();
  for (const std::size_t rest : {std::size_t{1}, std::size_t{10}, whole.size() / 2}) {
    std::ofstream(folder_ / "spool") << whole << whole.substr(whole.find('\n') + 1).substr(0, rest);
    { EXPECT_EQ(open()->waiting(), 2U); }
    EXPECT_EQ(spool_text(), whole);
  }
}

TEST_F(SpooledAnomalyStoreTest, ADamagedSpoolIsNamedAndLeftAlone) {
  go_away();
  {
    const auto store = open();
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(store->add(batch(1), kNow));
  }
  std::string text = spool_text();
  text[text.find("\"id\"")] = '\xff';
  std::ofstream(folder_ / "spool") << text;
  const auto damaged = SpooledAnomalyStore::open(std::make_unique<FileDatabase>(folder_), options());
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().code, ErrorCode::corrupt);
  EXPECT_THAT(damaged.error().message, HasSubstr("spool"));
  EXPECT_EQ(spool_text(), text);
  std::ofstream(folder_ / "spool") << "a letter to somebody, which is no spool at all\n";
  const auto foreign = SpooledAnomalyStore::open(std::make_unique<FileDatabase>(folder_), options());
  ASSERT_FALSE(foreign);
  EXPECT_EQ(foreign.error().code, ErrorCode::corrupt);
}

TEST_F(SpooledAnomalyStoreTest, ASpoolHasOneOwner) {
  const auto store = open();
  const auto second = SpooledAnomalyStore::open(std::make_unique<FileDatabase>(folder_), options());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::unavailable);
}

/// Runs the function in a process that is killed when `until` ids came out of it; returns all that came.
template <class Function>
std::vector<std::string> run_and_kill(std::size_t until, Function function) {
  std::array<int, 2> out{};
  EXPECT_EQ(pipe(out.data()), 0);
  const pid_t child = fork();
  if (child == 0) {
    close(out[0]);
    function(out[1]);
    _exit(0);
  }
  close(out[1]);
  std::vector<std::string> ids;
  std::array<char, 16> id{};
  while (ids.size() < until && read(out[0], id.data(), id.size()) == 16) ids.emplace_back(id.begin(), id.end());
  kill(child, SIGKILL);
  while (read(out[0], id.data(), id.size()) == 16) ids.emplace_back(id.begin(), id.end());
  close(out[0]);
  waitpid(child, nullptr, 0);
  return ids;
}

TEST_F(SpooledAnomalyStoreTest, WhatWasAcknowledgedSurvivesKillsInAndAfterTheOutage) {
  for (std::size_t seed = 1; seed <= 8; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    TearDown();
    SetUp();
    std::vector<std::string> acknowledged;
    go_away();
    // The database is away, then comes back while the process is killed again and again.
    for (std::size_t run = 0; run < 4; ++run) {
      if (run == 2) come_back();
      const auto first_id = static_cast<std::int64_t>(1 + run * 1'000'000);
      const auto ids = run_and_kill(seed * 7 + run, [&](int out) {
        const auto store = open(first_id);
        while (true) {
          const auto added = store->add(batch(3), kNow);
          if (!added) _exit(1);
          for (const std::string& id : *added) {
            if (write(out, id.data(), id.size()) != 16) _exit(2);
          }
        }
      });
      EXPECT_GE(ids.size(), seed * 7 + run);
      acknowledged.insert(acknowledged.end(), ids.begin(), ids.end());
    }
    const auto store = open(100'000'000);
    wait_until_written(*store);
    const std::vector<std::string> kept = FileDatabase::kept(folder_);
    const std::set<std::string> distinct(kept.begin(), kept.end());
    EXPECT_EQ(distinct.size(), kept.size()) << "once";
    EXPECT_TRUE(std::is_sorted(kept.begin(), kept.end())) << "in order";
    for (const std::string& id : acknowledged) EXPECT_TRUE(distinct.contains(id)) << id;
  }
}

}  // namespace
}  // namespace topoforge::spool
