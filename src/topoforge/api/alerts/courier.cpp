#include "topoforge/api/alerts/courier.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "topoforge/codec/text/quote.hpp"

namespace topoforge::api {
namespace {

using std::chrono::seconds;

constexpr std::size_t kMailIdBytes = 16;
constexpr std::size_t kMaxErrorBytes = 500;
/// Between two looks at the clock, which may jump.
constexpr seconds kLongestSleep{5};
constexpr std::chrono::hours kSweepPeriod{1};
/// The store could not be read or written.
constexpr seconds kStorePause{10};
constexpr const char* kMailLane = "mails";

}  // namespace

std::chrono::microseconds pause_after(std::uint32_t attempts) {
  seconds pause = kFirstPause;
  for (std::uint32_t i = 1; i < attempts && pause < kLongestPause; ++i) pause *= 2;
  return std::min<seconds>(pause, kLongestPause);
}

Result<void> Courier::start() {
  const Timestamp now = parts_.clock();
  for (std::size_t page = 1;; ++page) {
    const auto owed =
        parts_.deliveries.list({.field = "state", .value = "pending", .page = page, .limit = kMaxRecordLimit});
    if (!owed) return tl::unexpected(owed.error());
    for (const Delivery& delivery : owed->data) {
      // After a jump of the clock nothing waits longer than it could have.
      add(std::min<Timestamp>(delivery.next_attempt_at, now + kLongestPause),
          {.lane = delivery.user_id, .work = Owed{delivery.id}});
    }
    if (page * kMaxRecordLimit >= owed->total) break;
  }
  if (!queue_.empty()) spdlog::info("{} notifications are owed since the last run", queue_.size());
  for (std::size_t i = 0; i < kCourierThreads; ++i) threads_.emplace_back([this] { run(); });
  return {};
}

void Courier::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  if (std::exchange(mails_, 0) > 0) spdlog::warn("mails to accounts were not sent before the end; they are gone");
}

void Courier::add(Timestamp due, Job job) {
  {
    const std::lock_guard lock(mutex_);
    mails_ += std::holds_alternative<AccountMail>(job.work) ? 1 : 0;
    queue_.emplace(due, std::move(job));
  }
  changed_.notify_one();
}

void Courier::enqueue(const Delivery& delivery) {
  add(delivery.next_attempt_at, {.lane = delivery.user_id, .work = Owed{delivery.id}});
}

std::size_t Courier::waiting() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

bool Courier::has_room() const {
  const std::lock_guard lock(mutex_);
  return queue_.size() < kMaxWaiting;
}

Result<void> Courier::post(const Mail& mail) {
  if (parts_.mail == nullptr) return fail(ErrorCode::unavailable, "no mail server is configured");
  auto id = parts_.random.url_safe_token(kMailIdBytes);
  if (!id) return tl::unexpected(std::move(id.error()));
  {
    const std::lock_guard lock(mutex_);
    if (mails_ >= kMaxWaitingMails) {
      return fail(ErrorCode::unavailable, fmt::format("{} mails wait for the mail server already", mails_));
    }
  }
  const Timestamp now = parts_.clock();
  AccountMail waiting{.mail = mail, .posted_at = now};
  waiting.mail.id = std::move(*id);
  add(now, {.lane = kMailLane, .work = std::move(waiting)});
  return {};
}

Courier::Queue::iterator Courier::next_due(Timestamp now) {
  const auto due_end = queue_.upper_bound(now);
  const auto found =
      std::find_if(queue_.begin(), due_end, [this](const auto& entry) { return !busy_.contains(entry.second.lane); });
  return found == due_end ? queue_.end() : found;
}

/// What waits waits no longer when the clock jumps back.
void Courier::follow_clock(Timestamp now) {
  if (now < latest_) {
    const auto jump = latest_ - now;
    Queue moved;
    for (auto& [due, job] : queue_) moved.emplace(due - jump, std::move(job));
    queue_ = std::move(moved);
    next_sweep_ = std::min(next_sweep_, now + kSweepPeriod);
  }
  latest_ = now;
}

void Courier::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const Timestamp now = parts_.clock();
    follow_clock(now);
    const auto next = next_due(now);
    if (next == queue_.end()) {
      const auto later = queue_.upper_bound(now);
      const auto pause = later == queue_.end() ? Timestamp::duration(kLongestSleep)
                                               : std::min<Timestamp::duration>(later->first - now, kLongestSleep);
      changed_.wait_for(lock, pause);
      continue;
    }
    Job job = std::move(next->second);
    queue_.erase(next);
    mails_ -= std::holds_alternative<AccountMail>(job.work) ? 1 : 0;
    const std::string lane = job.lane;
    busy_.insert(lane);
    lock.unlock();
    do_job(std::move(job));
    erase_expired();
    lock.lock();
    busy_.erase(lane);
    // What waited for the lane.
    changed_.notify_one();
  }
}

void Courier::do_job(Job job) {
  if (auto* const owed = std::get_if<Owed>(&job.work)) deliver(job.lane, *owed);
  if (auto* const waiting = std::get_if<AccountMail>(&job.work)) mail(job.lane, std::move(*waiting));
  if (auto* const done = std::get_if<Unrecorded>(&job.work)) record(job.lane, std::move(done->delivery));
}

Result<std::string> Courier::obstacle(const Delivery& delivery, const Result<AlertConfig>& config) const {
  if (!config) {
    if (config.error().code == ErrorCode::not_found) return std::string("the configuration was deleted");
    return tl::unexpected(config.error());
  }
  if (!config->active) return std::string("the configuration is not active any more");
  if (std::ranges::find(config->channels, delivery.channel_id, &AlertChannel::id) == config->channels.end()) {
    return std::string("the channel was removed");
  }
  const auto user = parts_.users.get(config->user_id);
  if (!user && user.error().code != ErrorCode::not_found) return tl::unexpected(user.error());
  if (!user || !user->is_active) return std::string("the account of the configuration is gone or may not sign in");
  return std::string();
}

void Courier::deliver(const std::string& lane, const Owed& owed) {
  const auto again = [&](const Error& error) {
    spdlog::error("a notification cannot be read from the outbox: {}", error.message);
    add(parts_.clock() + kStorePause, {.lane = lane, .work = owed});
  };
  auto delivery = parts_.deliveries.get(owed.delivery_id);
  if (!delivery && delivery.error().code == ErrorCode::not_found) return;  // erased with its configuration
  if (!delivery && delivery.error().code == ErrorCode::corrupt) {
    spdlog::error("a notification is not sent: {}", delivery.error().message);
    return;
  }
  if (!delivery) return again(delivery.error());
  if (delivery->state != DeliveryState::pending) return;
  const auto config = parts_.configs.get(delivery->config_id);
  const auto found = obstacle(*delivery, config);
  if (!found) return again(found.error());
  if (!found->empty()) {
    spdlog::info("notification {} is not sent: {}", delivery->id, *found);
    delivery->last_error = *found;
    finish(*delivery, DeliveryState::failed, parts_.clock(), kKeptFinished);
  } else {
    const auto channel = std::ranges::find(config->channels, delivery->channel_id, &AlertChannel::id);
    settle(*delivery, *config,
           parts_.sender.send(*config, *channel, delivery->notice,
                              parts_.sender.delivery_id(delivery->key, delivery->created_at)));
  }
  record(lane, std::move(*delivery));
}

void Courier::finish(Delivery& delivery, DeliveryState state, Timestamp now, seconds kept) {
  delivery.state = state;
  delivery.expires_at = now + kept;
  if (state == DeliveryState::sent) delivery.sent_at = now;
}

void Courier::settle(Delivery& delivery, const AlertConfig& config, const Attempt& attempt) {
  const Timestamp now = parts_.clock();
  const seconds kept = std::max<seconds>(kKeptFinished, seconds(config.cooldown_seconds));
  ++delivery.attempts;
  delivery.last_error = utf8_prefix(attempt.error, kMaxErrorBytes);
  if (attempt.error.empty()) return finish(delivery, DeliveryState::sent, now, kept);
  if (attempt.is_final || now - delivery.created_at >= kDeliveryLife) {
    spdlog::warn("notification {} of alert configuration {} is given up after {} attempts: {}", delivery.id, config.id,
                 delivery.attempts, attempt.error);
    return finish(delivery, DeliveryState::failed, now, kept);
  }
  spdlog::debug("notification {} of alert configuration {} waits: {}", delivery.id, config.id, attempt.error);
  delivery.next_attempt_at = next_time(delivery.attempts);
}

void Courier::record(const std::string& lane, Delivery delivery) {
  const auto kept = parts_.deliveries.replace(delivery);
  if (!kept && kept.error().code != ErrorCode::not_found && kept.error().code != ErrorCode::conflict) {
    // It must not be sent again by this run, whatever becomes of it if the program is killed now.
    spdlog::error("what became of notification {} cannot be stored: {}", delivery.id, kept.error().message);
    return add(parts_.clock() + kStorePause, {.lane = lane, .work = Unrecorded{std::move(delivery)}});
  }
  if (kept && delivery.state == DeliveryState::pending) {
    add(delivery.next_attempt_at, {.lane = lane, .work = Owed{std::move(delivery.id)}});
  }
}

void Courier::mail(const std::string& lane, AccountMail waiting) {
  const auto sent = parts_.mail->send(waiting.mail);
  if (sent) return;
  ++waiting.attempts;
  const bool is_final = sent.error().code != ErrorCode::unavailable;
  if (is_final || parts_.clock() - waiting.posted_at >= kMailLife) {
    spdlog::warn("a mail to an account is given up after {} attempts: {}", waiting.attempts, sent.error().message);
    return;
  }
  if (waiting.attempts == 1) spdlog::warn("a mail to an account waits for the mail server: {}", sent.error().message);
  const Timestamp due = next_time(waiting.attempts);
  add(due, {.lane = lane, .work = std::move(waiting)});
}

Timestamp Courier::next_time(std::uint32_t attempts) {
  double share = 0.0;
  {
    const std::lock_guard lock(mutex_);
    share = 0.8 + 0.4 * jitter_.uniform();
  }
  const auto pause = std::chrono::duration<double, std::micro>(pause_after(attempts)) * share;
  return parts_.clock() + std::chrono::duration_cast<Timestamp::duration>(pause);
}

void Courier::erase_expired() {
  const Timestamp now = parts_.clock();
  {
    const std::lock_guard lock(mutex_);
    if (now < next_sweep_) return;
    next_sweep_ = now + kSweepPeriod;
  }
  if (const auto gone = parts_.deliveries.erase_expired(now); !gone) {
    spdlog::warn("old notifications cannot be erased: {}", gone.error().message);
  }
}

}  // namespace topoforge::api
