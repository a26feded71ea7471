#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "topoforge/base/result.hpp"
#include "topoforge/core/event/event.hpp"
#include "topoforge/core/pipeline/analysis.hpp"

/// Purpose: where anomalies are kept. One contract suite (tests/contract) runs against every implementation.
/// The time of an anomaly is the timestamp of its analysis or else the time at which it was stored; it is never absent,
/// and filters, statistics and retention go by it. Lists go by the order of insertion, which is that of the ids.
/// Thread safety: an implementation may be called from any thread; calls block, so they run on the storage pool.
namespace topoforge {

/// Named limits of what is stored and asked.
inline constexpr std::size_t kMaxAnomalyLimit = 1000;
inline constexpr std::size_t kMaxAnomalyPage = 1'000'000'000;
inline constexpr std::size_t kMaxAnomalyNoteBytes = 4096;
inline constexpr std::size_t kMaxAnomalyTechniques = 64;
inline constexpr std::size_t kMaxTechniqueIdBytes = 32;
inline constexpr std::size_t kMaxStatisticsNames = 1000;
inline constexpr std::size_t kMaxStatisticsBuckets = 1000;

/// Who says that it is an anomaly: an analysis, or a person who logs one.
enum class AnomalyOrigin { engine, manual };

/// What a person who looked at it says.
enum class AnomalyLabel { none, true_positive, false_positive };

/// An anomaly to be stored: the verdict and the event that raised it. One that a person logs fills in of the analysis
/// what it knows, may have no event, and may say that it is none (is_anomaly false).
struct NewAnomaly {
  Analysis analysis;
  std::optional<Event> event = {};
  AnomalyOrigin origin = AnomalyOrigin::engine;
  std::string created_by = {};  ///< who logged it; empty for the engine's
};

struct AnomalyReview {
  AnomalyLabel label = AnomalyLabel::none;
  std::string acknowledged_by;
  std::optional<Timestamp> acknowledged_at;  ///< absent until somebody has looked at it
  std::string note;
  std::uint64_t revision = 0;  ///< how often it was reviewed

  bool operator==(const AnomalyReview&) const = default;
};

struct StoredAnomaly {
  std::string id;  ///< given by the store; texts of equal length that sort in the order of insertion
  Timestamp stored_at;
  Timestamp time;
  Analysis analysis;
  std::optional<Event> event = {};
  AnomalyOrigin origin = AnomalyOrigin::engine;
  std::string created_by = {};
  AnomalyReview review = {};
};

/// What a person says of an anomaly; it takes the place of what was said before.
struct NewReview {
  AnomalyLabel label = AnomalyLabel::none;
  std::string acknowledged_by = {};
  std::string note = {};  ///< at most kMaxAnomalyNoteBytes
  /// The revision that the person saw: if there was another review since, it is a conflict. Absent: whatever it is.
  std::optional<std::uint64_t> revision = {};
};

/// All that are given must hold.
struct AnomalyFilter {
  std::optional<Timestamp> start = {};  ///< time at or after it
  std::optional<Timestamp> end = {};    ///< time before it; not earlier than start
  std::optional<std::string> source = {};
  std::optional<std::string> entity = {};
  std::optional<bool> is_anomaly = {};
  std::optional<double> min_score = {};  ///< anomaly_score at least this
  std::optional<RiskLevel> risk_level = {};
  std::optional<std::string> technique = {};  ///< ATT&CK id among the threats, such as T1071; without sub-techniques

  bool operator==(const AnomalyFilter&) const = default;
};

struct AnomalyQuery {
  std::size_t page = 1;     ///< 1 to kMaxAnomalyPage; far pages take longer, cursors do not
  std::size_t limit = 100;  ///< 1 to kMaxAnomalyLimit
  std::string cursor = {};  ///< next_cursor of the page before, with the same filter and page 1; empty: the newest
  AnomalyFilter filter = {};
};

struct AnomalyPage {
  std::vector<StoredAnomaly> data;  ///< newest first; empty beyond the last page
  std::size_t total = 0;            ///< matches of the filter, over all pages
  bool total_is_exact = true;       ///< false: counting took too long, there are at least `total`
  std::string next_cursor = {};     ///< empty: there are no more
};

/// A part of the anomalies, oldest first.
struct AnomalyWalk {
  std::string after = {};   ///< an id, which need not exist any more; empty: from the first
  std::string up_to = {};   ///< an id, which belongs to it; empty: to the newest
  std::size_t limit = 100;  ///< 1 to kMaxAnomalyLimit
  AnomalyFilter filter = {};
};

enum class StatisticsBucket { hour, day };

struct StatisticsQuery {
  std::optional<Timestamp> start = {};  ///< as in AnomalyFilter
  std::optional<Timestamp> end = {};
  std::optional<StatisticsBucket> bucket = {};  ///< absent: hours in a range of a week or less, else days
};

struct NamedCount {
  std::string name;
  std::size_t count = 0;

  bool operator==(const NamedCount&) const = default;
};

/// Counts by risk level, in the order of the enumeration.
using RiskCounts = std::array<std::size_t, 4>;

struct BucketCount {
  Timestamp start;       ///< a whole hour or day of UTC
  RiskCounts anomalies;  ///< those of the range, so that the first and last bucket may be parts

  bool operator==(const BucketCount&) const = default;
};

/// Counts of a range of time. But for `total` they are of those with is_anomaly. Names go by their counts, the
/// greatest first, then by the alphabet.
struct AnomalyStatistics {
  std::size_t total = 0;  ///< all that are stored
  std::size_t anomalies = 0;
  RiskCounts by_risk_level = {};
  std::vector<NamedCount> by_source;     ///< at most kMaxStatisticsNames
  std::size_t other_sources = 0;         ///< the sum of the sources beyond
  std::vector<NamedCount> by_technique;  ///< likewise; an anomaly counts for each of its techniques
  std::size_t other_techniques = 0;
  std::size_t acknowledged = 0;
  std::size_t true_positives = 0;
  std::size_t false_positives = 0;
  StatisticsBucket bucket = StatisticsBucket::day;
  std::vector<BucketCount> over_time;  ///< oldest first, without empty ones; the newest kMaxStatisticsBuckets
  bool over_time_is_cut = false;       ///< there were more
};

class AnomalyStore {
 public:
  virtual ~AnomalyStore() = default;
  /// All or none. When it returns, the anomalies survive a kill of the process and of the machine. Returns their ids.
  /// Errors: invalid_argument for more techniques than kMaxAnomalyTechniques, or one that is no ATT&CK id.
  virtual Result<std::vector<std::string>> add(std::span<const NewAnomaly> anomalies, Timestamp now) = 0;
  /// Errors: invalid_argument for a page or limit outside its range, a cursor that is malformed or was made for another
  /// filter, a cursor beside a page, an end before the start.
  virtual Result<AnomalyPage> list(const AnomalyQuery& query) = 0;
  /// Errors: invalid_argument for a limit outside its range, a text that is no id, an end before the start.
  virtual Result<std::vector<StoredAnomaly>> walk(const AnomalyWalk& part) = 0;
  /// Empty when there is none.
  virtual Result<std::string> newest_id() = 0;
  /// Errors: invalid_argument for an end before the start.
  virtual Result<AnomalyStatistics> statistics(const StatisticsQuery& query) = 0;
  /// Errors: not_found, for a text that is no id as well.
  virtual Result<StoredAnomaly> get(const std::string& id) = 0;
  /// Acknowledges and labels; returns the anomaly as it is then.
  /// Errors: not_found; conflict; invalid_argument for too long a note.
  virtual Result<StoredAnomaly> review(const std::string& id, const NewReview& review, Timestamp now) = 0;
  /// Errors: not_found.
  virtual Result<void> erase(const std::string& id) = 0;
  /// Erases the oldest whose time is before it, at most kMaxAnomalyLimit at a call, so that others need not wait long.
  /// Returns how many: call again until it is less than that.
  virtual Result<std::size_t> erase_before(Timestamp time) = 0;
  /// Whether the store can be read and written now; quick.
  virtual Result<void> check() = 0;
  /// Anomalies that were taken and that the database behind it has yet to get.
  [[nodiscard]] virtual std::size_t waiting() const { return 0; }

  /// The first `limit` that were added after the one with this id.
  Result<std::vector<StoredAnomaly>> after(const std::string& id, std::size_t limit) {
    return walk({.after = id, .limit = limit});
  }
};

/// All anomalies that match and exist at the start, oldest first, each once, in batches of bounded size, while others
/// add and erase. What is erased before its batch is left out.
class AnomalyExport {
 public:
  static Result<AnomalyExport> start(AnomalyStore& store, AnomalyFilter filter,
                                     std::size_t batch_size = kMaxAnomalyLimit) {
    auto newest = store.newest_id();
    if (!newest) return tl::unexpected(std::move(newest.error()));
    return AnomalyExport(store,
                         {.after = {}, .up_to = std::move(*newest), .limit = batch_size, .filter = std::move(filter)});
  }

  /// Empty at the end.
  Result<std::vector<StoredAnomaly>> next() {
    if (done_) return std::vector<StoredAnomaly>{};
    auto batch = store_->walk(rest_);
    if (!batch) return batch;
    done_ = batch->size() < rest_.limit;
    if (!batch->empty()) rest_.after = batch->back().id;
    return batch;
  }

 private:
  AnomalyExport(AnomalyStore& store, AnomalyWalk rest)
      : store_(&store), rest_(std::move(rest)), done_(rest_.up_to.empty()) {}

  AnomalyStore* store_;
  AnomalyWalk rest_;
  bool done_;
};

}  // namespace topoforge
