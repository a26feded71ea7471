#include "topoforge/api/anomaly_feed.hpp"

#include <algorithm>
#include <utility>

#include "topoforge/adapters/http/server_sent_events.hpp"
#include "topoforge/api/anomaly_models.hpp"
#include "topoforge/codec/model/write_model.hpp"

namespace topoforge::api {
namespace {

/// Anomalies that are read at once.
constexpr std::size_t kBatch = 256;

FeedEntry entry_of(const StoredAnomaly& anomaly) {
  FeedEntry entry{.id = anomaly.id,
                  .source = anomaly.analysis.stream.source,
                  .entity = anomaly.analysis.stream.entity,
                  .anomaly_score = anomaly.analysis.anomaly_score,
                  .event = {}};
  auto event =
      http::format_event({.name = "anomaly", .data = print_model(view_of(anomaly)), .id = anomaly.id, .retry = {}});
  entry.event = std::move(event).value();  // a name and an id without line breaks
  return entry;
}

}  // namespace

void AnomalyFeed::join(AnomalyFollower& follower) { followers_.insert(&follower); }

void AnomalyFeed::leave(AnomalyFollower& follower) {
  followers_.erase(&follower);
  if (followers_.empty()) forget();
}

void AnomalyFeed::notify() {
  ++told_;
  wake_all();
}

void AnomalyFeed::wake_all() {
  for (AnomalyFollower* const follower : followers_) follower->wake();
}

/// What is stored while nobody follows must not be read by the next one who comes.
void AnomalyFeed::forget() {
  begun_ = false;
  remembered_.clear();
}

http::Task<Result<std::string>> AnomalyFeed::newest() {
  const std::uint64_t told = told_;
  auto ask = [store = &store_] { return store->newest_id(); };
  Result<std::string> newest = co_await http::run_on(storage_pool_, std::move(ask));
  if (newest && !begun_) {
    begun_ = true;
    floor_ = newest_ = *newest;
    seen_ = told;
  }
  co_return newest;
}

http::Task<Result<FeedEntries>> AnomalyFeed::read(std::string place) {
  auto walk = [store = &store_, place = std::move(place)]() -> Result<FeedEntries> {
    auto anomalies = store->walk({.after = place, .up_to = {}, .limit = kBatch, .filter = {.is_anomaly = true}});
    if (!anomalies) return tl::unexpected(std::move(anomalies.error()));
    FeedEntries entries;
    entries.reserve(anomalies->size());
    for (const StoredAnomaly& anomaly : *anomalies)
      entries.push_back(std::make_shared<const FeedEntry>(entry_of(anomaly)));
    return entries;
  };
  co_return co_await http::run_on(storage_pool_, std::move(walk));
}

http::Task<Result<void>> AnomalyFeed::catch_up() {
  const std::uint64_t told = told_;
  reading_ = true;
  Result<FeedEntries> entries = co_await read(newest_);
  reading_ = false;
  wake_all();
  if (!entries) co_return tl::unexpected(std::move(entries.error()));
  if (!begun_) co_return Result<void>{};
  for (auto& entry : *entries) {
    if (entry->id <= newest_) continue;
    newest_ = entry->id;
    remembered_.push_back(std::move(entry));
  }
  if (entries->size() < kBatch) seen_ = std::max(seen_, told);
  while (remembered_.size() > kRememberedAnomalies) {
    floor_ = remembered_.front()->id;
    remembered_.pop_front();
  }
  co_return Result<void>{};
}

http::Task<Result<FeedEntries>> AnomalyFeed::after(std::string place) {
  if (!begun_ || place < floor_) co_return co_await read(std::move(place));
  if (place >= newest_ && seen_ != told_) {
    if (reading_) co_return FeedEntries{};
    const Result<void> caught_up = co_await catch_up();
    if (!caught_up) co_return tl::unexpected(caught_up.error());
    if (place < floor_) co_return co_await read(std::move(place));
  }
  const auto comes_before = [](const std::string& from, const auto& entry) { return from < entry->id; };
  const auto first = std::upper_bound(remembered_.begin(), remembered_.end(), place, comes_before);
  const auto count = std::min<std::ptrdiff_t>(kBatch, remembered_.end() - first);
  co_return FeedEntries(first, first + count);
}

}  // namespace topoforge::api
