#include "topoforge/api/ingestor.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <iterator>
#include <limits>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

namespace topoforge::api {
namespace {

/// Events of a request that are under way at once: few, so that requests share the engine fairly.
constexpr std::size_t kUnderWay = 64;
constexpr std::chrono::milliseconds kRoomPause{5};

/// The events of a request on their way through the engine, at most kUnderWay. Shards set outcomes while the coroutine,
/// on the I/O thread, tells of those before.
class Flight {
 public:
  Flight(const boost::asio::any_io_executor& executor, std::size_t count)
      : executor_(executor), landed_(executor), slots_(std::min(count, kUnderWay)) {}

  /// Of a shard's thread.
  static void land(const std::shared_ptr<Flight>& flight, std::size_t index, Result<EngineOutcome> outcome) {
    Slot& slot = flight->slot_of(index);
    slot.outcome.emplace(std::move(outcome));
    slot.ready.store(true);
    // Once only, and not for those before the one that is waited for: to be woken for each event costs both threads
    // more than to tell of it.
    std::size_t awaited = index;
    if (flight->awaited_.compare_exchange_strong(awaited, kNone))
      boost::asio::post(flight->executor_, [flight] { flight->landed_.notify(); });
  }

  http::Task<void> wait_for(std::size_t index) {
    while (!ready(index)) {
      awaited_.store(index);
      // What landed before that does not know of it.
      if (ready(index)) break;
      co_await landed_.wait();
    }
    awaited_.store(kNone);
  }
  /// Those of `first` to `end` that landed before the first one that did not, with their outcomes.
  std::vector<IngestedEvent> take_landed(std::vector<Event>& events, std::size_t first, std::size_t end) {
    std::vector<IngestedEvent> landed;
    for (std::size_t i = first; i < end && ready(i); ++i) {
      Slot& slot = slot_of(i);
      Result<EngineOutcome> outcome = *std::move(slot.outcome);
      slot.ready.store(false);
      if (outcome) {
        landed.push_back(
            {LiveAnalysis{.event = std::move(events[i]), .outcome = std::move(*outcome), .anomaly_id = {}}});
      } else {
        landed.push_back({tl::unexpected(std::move(outcome.error()))});
      }
    }
    return landed;
  }

 private:
  static constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();
  struct Slot {
    std::optional<Result<EngineOutcome>> outcome;
    std::atomic<bool> ready = false;
  };

  /// Whose outcome was taken before another event gets it.
  Slot& slot_of(std::size_t index) { return slots_[index % slots_.size()]; }
  [[nodiscard]] bool ready(std::size_t index) { return slot_of(index).ready.load(); }

  boost::asio::any_io_executor executor_;
  http::Signal landed_;
  std::atomic<std::size_t> awaited_ = kNone;
  std::vector<Slot> slots_;
};

}  // namespace

void Ingestor::measure(const std::vector<IngestedEvent>& events) {
  IngestMeasure measure;
  for (const IngestedEvent& event : events) {
    if (!event.live) {
      ++measure.rejected;
      continue;
    }
    const PushOutcome& push = event.live->outcome.push;
    ++measure.accepted;
    measure.duplicates += push.duplicate ? 1 : 0;
    measure.late += push.late ? 1 : 0;
    if (push.analysis) parts_.telemetry.window_analysed(*push.analysis, push.diagram_time);
  }
  parts_.telemetry.events_ingested(measure);
}

http::Task<Result<void>> Ingestor::keep_anomalies(std::vector<IngestedEvent>& events) {
  const Timestamp now = parts_.clock();
  std::vector<NewAnomaly> anomalies;
  std::vector<LiveAnalysis*> owners;
  for (IngestedEvent& event : events) {
    if (!event.live || !event.live->outcome.push.analysis) continue;
    Analysis& analysis = *event.live->outcome.push.analysis;
    if (!analysis.timestamp) analysis.timestamp = now;  // an event without a time happened when it came
    if (!analysis.is_anomaly) continue;
    anomalies.push_back({analysis, event.live->event});
    owners.push_back(&*event.live);
  }
  if (anomalies.empty()) co_return Result<void>{};
  auto add = [store = &parts_.store, batch = std::move(anomalies), now] { return store->add(batch, now); };
  const Result<std::vector<std::string>> ids = co_await http::run_on(parts_.storage_pool, std::move(add));
  if (!ids) {
    co_return fail(ids.error().code, fmt::format("{} anomalies were found but could not be stored: {}", owners.size(),
                                                 ids.error().message));
  }
  for (std::size_t i = 0; i < owners.size(); ++i) owners[i]->anomaly_id = (*ids)[i];
  parts_.feed.notify();
  co_return Result<void>{};
}

http::Task<void> Ingestor::alert(const std::vector<IngestedEvent>& events) const {
  std::vector<Alert> alerts;
  for (const IngestedEvent& event : events) {
    if (event.live) parts_.alerts->note(*event.live, alerts);
  }
  if (!alerts.empty()) co_await parts_.alerts->keep(std::move(alerts));
}

http::Task<Result<void>> Ingestor::tell(std::vector<IngestedEvent>& part, const IngestOptions& options) {
  measure(part);
  auto kept = co_await keep_anomalies(part);
  if (kept && parts_.alerts != nullptr) co_await alert(part);
  for (const IngestedEvent& event : part) {
    if (event.live) {
      parts_.hub.publish(*event.live, options.sender);
    } else if (options.rejected) {
      options.rejected(event.live.error());
    }
  }
  co_return kept;
}

http::Task<Result<std::vector<IngestedEvent>>> Ingestor::ingest(std::vector<Event> events, IngestOptions options) {
  const boost::asio::any_io_executor executor = co_await boost::asio::this_coro::executor;
  const auto flight = std::make_shared<Flight>(executor, events.size());
  std::vector<IngestedEvent> all;
  all.reserve(events.size());
  Result<void> kept;
  std::size_t started = 0;
  // Once something could not be kept, what is under way is told of and nothing else is begun.
  while (all.size() < (kept ? events.size() : started)) {
    Result<void> room;
    while (kept && room && started < events.size() && started - all.size() < kUnderWay) {
      room = parts_.engine.submit(events[started], [flight, index = started](Result<EngineOutcome> outcome) {
        Flight::land(flight, index, std::move(outcome));
      });
      if (room) ++started;
    }
    if (started == all.size()) {
      if (started == 0 && !options.wait_for_room) {
        parts_.telemetry.events_ingested({.dropped = events.size()});
        co_return tl::unexpected(std::move(room.error()));
      }
      boost::asio::steady_timer pause(executor, kRoomPause);
      co_await pause.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
      continue;
    }
    // For half of what is under way: where much is, the threads need not wake each other for each event.
    co_await flight->wait_for(all.size() + (started - all.size()) / 2);
    co_await flight->wait_for(all.size());
    std::vector<IngestedEvent> part = flight->take_landed(events, all.size(), started);
    Result<void> told = co_await tell(part, options);
    if (kept) kept = std::move(told);
    std::move(part.begin(), part.end(), std::back_inserter(all));
  }
  if (!kept) co_return tl::unexpected(std::move(kept.error()));
  co_return all;
}

}  // namespace topoforge::api
