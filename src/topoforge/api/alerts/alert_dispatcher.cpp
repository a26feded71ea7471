#include "topoforge/api/alerts/alert_dispatcher.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <boost/asio/this_coro.hpp>

#include "topoforge/api/alerts/notice.hpp"

namespace topoforge::api {
namespace {

using std::chrono::seconds;

constexpr seconds kRetryPause{2};

/// Whatever the names hold, no two streams have one key.
std::string stream_key(const std::string& config_id, const StreamKey& stream) {
  std::string key = fmt::format("{} {} {}{}", config_id, stream.source.size(), stream.source, stream.entity);
  // Records hold no NUL.
  std::ranges::replace(key, '\0', ' ');
  return key;
}

/// A clock that jumped back ends a cool-down rather than prolong it.
bool cools_down(const AlertConfig& config, Timestamp since, Timestamp now) {
  return since <= now && now - since < seconds(config.cooldown_seconds);
}

}  // namespace

Result<std::vector<AlertConfig>> AlertDispatcher::read_active(Records<AlertConfig>& configs) {
  std::vector<AlertConfig> active;
  for (std::size_t page = 1;; ++page) {
    auto read = configs.list({.page = page, .limit = kMaxRecordLimit});
    if (!read) return tl::unexpected(std::move(read.error()));
    std::ranges::copy_if(read->data, std::back_inserter(active), &AlertConfig::active);
    if (page * kMaxRecordLimit >= read->total) return active;
  }
}

Result<void> AlertDispatcher::load() {
  auto active = read_active(parts_.configs);
  if (!active) return tl::unexpected(std::move(active.error()));
  configs_ = std::move(*active);
  return {};
}

http::Task<Result<void>> AlertDispatcher::reload() {
  // What an older reload read may lack what a newer one saw, never the other way round.
  const std::uint64_t ticket = ++reloads_;
  auto read = [configs = &parts_.configs] { return read_active(*configs); };
  Result<std::vector<AlertConfig>> active = co_await http::run_on(parts_.storage_pool, std::move(read));
  if (!active) co_return tl::unexpected(std::move(active.error()));
  if (ticket > loaded_) {
    loaded_ = ticket;
    configs_ = std::move(*active);
  }
  co_return Result<void>{};
}

http::Task<Result<void>> AlertDispatcher::forget_owner(std::string user_id) {
  auto erase = [configs = &parts_.configs, id = std::move(user_id)] { return configs->erase_all("user_id", id); };
  const Result<std::size_t> erased = co_await http::run_on(parts_.storage_pool, std::move(erase));
  if (!erased) co_return tl::unexpected(erased.error());
  co_return co_await reload();
}

AlertDispatcher::Episode* AlertDispatcher::episode_of(const LiveAnalysis& live, Timestamp now) {
  const Analysis& analysis = *live.outcome.push.analysis;
  const auto found = episodes_.find(analysis.stream);
  if (found != episodes_.end()) {
    Episode& known = found->second;
    const bool opens = analysis.episode_change == EpisodeChange::opened;
    // Of two requests for one stream the later event may be told first.
    const bool same = known.start == analysis.episode->start && (!opens || known.first_sequence > analysis.sequence);
    if (same) {
      known.seen = now;
      return &known;
    }
    if (!opens && analysis.episode->start < known.start) return nullptr;  // a straggler of the episode before
  }
  if (found == episodes_.end() && episodes_.size() >= kMaxOpenEpisodes) {
    episodes_.erase(std::ranges::min_element(episodes_, {}, [](const auto& entry) { return entry.second.seen; }));
  }
  Episode& begun = episodes_[analysis.stream];
  begun = {.start = analysis.episode->start,
           .first_sequence = analysis.sequence,
           .id = live.anomaly_id,
           .told = {},
           .seen = now};
  return &begun;
}

bool AlertDispatcher::wants(const AlertConfig& config, const Analysis& analysis) const {
  return analysis.anomaly_score >= config.threshold &&
         (config.sources.empty() || std::ranges::find(config.sources, analysis.stream.source) != config.sources.end());
}

void AlertDispatcher::note(const LiveAnalysis& live, std::vector<Alert>& alerts) {
  if (configs_.empty() || !live.outcome.push.analysis) return;
  const Analysis& analysis = *live.outcome.push.analysis;
  if (!analysis.episode) return;
  if (!analysis.is_anomaly) {
    if (analysis.episode_change == EpisodeChange::closed) episodes_.erase(analysis.stream);
    return;
  }
  const Timestamp now = parts_.clock();
  Episode* const episode = episode_of(live, now);
  if (episode == nullptr) return;
  for (const AlertConfig& config : configs_) {
    if (!wants(config, analysis) || episode->told.contains(config.id)) continue;
    const auto last = told_at_.find({config.id, analysis.stream});
    if (last != told_at_.end() && cools_down(config, last->second, now)) continue;
    alerts.push_back({.config = config,
                      .stream = analysis.stream,
                      .episode = episode->id,
                      .notice = notice_of(analysis, live.anomaly_id),
                      .ask_store = last == told_at_.end() && config.cooldown_seconds > 0});
    episode->told.insert(config.id);
    // The outbox knows them too.
    if (told_at_.size() >= kMaxCooldowns) told_at_.clear();
    told_at_[{config.id, analysis.stream}] = now;
  }
}

http::Task<void> AlertDispatcher::keep(std::vector<Alert> alerts) {
  const Timestamp now = parts_.clock();
  auto write = [this, &alerts, now] {
    std::vector<Kept> all;
    for (const Alert& alert : alerts) all.push_back(keep_one(alert, now));
    return all;
  };
  const std::vector<Kept> all = co_await http::run_on(parts_.storage_pool, std::move(write));
  for (std::size_t i = 0; i < alerts.size(); ++i) {
    if (all[i].outcome == Outcome::kept) continue;
    if (all[i].outcome == Outcome::failed && owed_.size() < kMaxOwedAlerts) {
      alerts[i].owed = true;
      owed_.push_back(std::move(alerts[i]));
      continue;
    }
    // It is not told yet.
    const auto episode = episodes_.find(alerts[i].stream);
    if (episode != episodes_.end() && episode->second.id == alerts[i].episode) {
      episode->second.told.erase(alerts[i].config.id);
    }
    const Cooldown cooldown{alerts[i].config.id, alerts[i].stream};
    if (all[i].outcome == Outcome::cools_down) {
      told_at_[cooldown] = all[i].since;
    } else {
      told_at_.erase(cooldown);
    }
  }
}

http::Task<void> AlertDispatcher::retry() {
  if (!owed_.empty()) co_await keep(std::exchange(owed_, {}));
}

http::Task<void> AlertDispatcher::run(std::stop_token stop) {
  http::Signal stopped(co_await boost::asio::this_coro::executor);
  const std::stop_callback wake(stop, [&stopped] { stopped.notify(); });
  while (!stop.stop_requested()) {
    co_await stopped.wait_for(kRetryPause);
    co_await retry();
  }
  if (!owed_.empty()) spdlog::error("{} notifications could not be put into the outbox and are lost", owed_.size());
}

AlertDispatcher::Kept AlertDispatcher::keep_one(const Alert& alert, Timestamp now) const {
  const AlertConfig& config = alert.config;
  const auto failed = [&](const std::string& reason) {
    if (!alert.owed)
      spdlog::error("a notification of alert configuration {} cannot be put into the outbox: {}", config.id, reason);
    return Kept{.outcome = Outcome::failed, .since = {}};
  };
  if (!parts_.courier.has_room()) return failed(fmt::format("{} wait in it", kMaxWaiting));
  Delivery delivery;
  delivery.stream_key = stream_key(config.id, alert.stream);
  if (alert.ask_store) {
    const Result<std::optional<Timestamp>> last = last_told(delivery.stream_key, alert.episode);
    if (!last) return failed(last.error().message);
    if (*last && cools_down(config, **last, now)) return {.outcome = Outcome::cools_down, .since = **last};
  }
  delivery.config_id = config.id;
  delivery.user_id = config.user_id;
  delivery.notice = alert.notice;
  delivery.next_attempt_at = now;
  delivery.created_at = now;
  delivery.expires_at = kNeverExpires;
  for (const AlertChannel& channel : config.channels) {
    delivery.key = fmt::format("{} {} {}", config.id, channel.id, alert.episode);  // ends so, see last_told()
    delivery.channel_id = channel.id;
    const auto inserted = parts_.deliveries.insert(delivery);
    if (inserted) {
      parts_.courier.enqueue(*inserted);
    } else if (inserted.error().code != ErrorCode::conflict) {
      return failed(inserted.error().message);
    }
  }
  return {};
}

Result<std::optional<Timestamp>> AlertDispatcher::last_told(const std::string& stream_key,
                                                            const std::string& episode) const {
  RecordQuery query{.field = "stream_key", .value = stream_key, .page = 1, .limit = 1};
  auto page = parts_.deliveries.list(query);
  if (page && page->total > 1) {
    query.page = page->total;
    page = parts_.deliveries.list(query);
  }
  if (!page) return tl::unexpected(std::move(page.error()));
  // What is there of the episode itself is a part that another attempt put there.
  if (page->data.empty() || page->data.back().key.ends_with(" " + episode)) return std::nullopt;
  return page->data.back().created_at;
}

}  // namespace topoforge::api
