#include "topoforge/api/ingestor.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <deque>
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

/// Events of a flow that are under way at once: few, so that flows share the engine fairly.
constexpr std::size_t kUnderWay = 64;
constexpr std::chrono::milliseconds kRoomPause{5};

}  // namespace

/// Shards set outcomes while the coroutine, on the I/O thread, tells of those before. Shared with the shards, which may
/// finish after the flow has ended.
class IngestFlow::Flight {
 public:
  explicit Flight(const boost::asio::any_io_executor& executor) : executor_(executor), landed_(executor) {}

  static Result<void> begin(const std::shared_ptr<Flight>& flight, Engine& engine, Event& event) {
    Slot& slot = flight->slots_.emplace_back();
    auto begun = engine.submit(event, [flight, &slot, number = flight->begun_](Result<EngineOutcome> outcome) {
      land(flight, slot, number, std::move(outcome));
    });
    if (!begun) {
      flight->slots_.pop_back();
      return begun;
    }
    slot.event = std::move(event);
    ++flight->begun_;
    return {};
  }

  [[nodiscard]] std::size_t under_way() const { return slots_.size(); }

  /// For the n-th of those under way, from 0.
  http::Task<void> wait_for(std::size_t n) {
    while (!slots_[n].landed.load()) {
      awaited_.store(begun_ - slots_.size() + n);
      // What landed before that does not know of it.
      if (slots_[n].landed.load()) break;
      co_await landed_.wait();
    }
    awaited_.store(kNone);
  }

  /// Those that landed before the first one that did not.
  std::vector<IngestedEvent> take_landed() {
    std::vector<IngestedEvent> landed;
    for (; !slots_.empty() && slots_.front().landed.load(); slots_.pop_front()) {
      Slot& slot = slots_.front();
      Result<EngineOutcome>& outcome = *slot.outcome;
      if (outcome) {
        landed.push_back(
            {LiveAnalysis{.event = std::move(slot.event), .outcome = std::move(*outcome), .anomaly_id = {}}});
      } else {
        landed.push_back({tl::unexpected(std::move(outcome.error()))});
      }
    }
    return landed;
  }

 private:
  static constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();
  struct Slot {
    Event event;
    std::optional<Result<EngineOutcome>> outcome;
    std::atomic<bool> landed = false;
  };

  /// Of a shard's thread.
  static void land(const std::shared_ptr<Flight>& flight, Slot& slot, std::size_t number,
                   Result<EngineOutcome> outcome) {
    slot.outcome.emplace(std::move(outcome));
    slot.landed.store(true);
    // Once only, and not for those before the one that is waited for: to be woken for each event costs both threads
    // more than to tell of it.
    if (flight->awaited_.compare_exchange_strong(number, kNone))
      boost::asio::post(flight->executor_, [flight] { flight->landed_.notify(); });
  }

  boost::asio::any_io_executor executor_;
  http::Signal landed_;
  std::deque<Slot> slots_;  ///< of those under way; a shard refers to its slot, which stays where it is
  std::size_t begun_ = 0;
  std::atomic<std::size_t> awaited_ = kNone;  ///< its number, among all that were begun
};

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
  const bool waits = options.wait_for_room;
  IngestFlow flow(*this, co_await boost::asio::this_coro::executor, std::move(options));
  std::vector<IngestedEvent> all;
  all.reserve(events.size());
  Result<void> kept;
  std::size_t begun = 0;
  // Once something could not be kept, what is under way is told of and nothing else is begun.
  while (all.size() < (kept ? events.size() : begun)) {
    Result<void> room;
    while (kept && room && begun < events.size()) {
      room = flow.begin(events[begun]);
      if (room) ++begun;
    }
    if (begun == 0 && !waits) {
      parts_.telemetry.events_ingested({.dropped = events.size()});
      co_return tl::unexpected(std::move(room.error()));
    }
    Result<void> told = co_await flow.progress(all);
    if (kept) kept = std::move(told);
  }
  if (!kept) co_return tl::unexpected(std::move(kept.error()));
  co_return all;
}

IngestFlow::IngestFlow(Ingestor& ingestor, const boost::asio::any_io_executor& executor, IngestOptions options)
    : ingestor_(ingestor),
      executor_(executor),
      options_(std::move(options)),
      flight_(std::make_shared<Flight>(executor)) {}

Result<void> IngestFlow::begin(Event& event) {
  if (under_way() >= kUnderWay) return fail(ErrorCode::unavailable, "as many events are under way as may be");
  return Flight::begin(flight_, ingestor_.parts_.engine, event);
}

std::size_t IngestFlow::under_way() const { return flight_->under_way(); }

http::Task<Result<void>> IngestFlow::progress(std::vector<IngestedEvent>& told) {
  if (under_way() == 0) {
    boost::asio::steady_timer pause(executor_, kRoomPause);
    co_await pause.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    co_return Result<void>{};
  }
  // For half of what is under way: where much is, the threads need not wake each other for each event.
  co_await flight_->wait_for(under_way() / 2);
  co_await flight_->wait_for(0);
  std::vector<IngestedEvent> part = flight_->take_landed();
  Result<void> kept = co_await ingestor_.tell(part, options_);
  std::move(part.begin(), part.end(), std::back_inserter(told));
  co_return kept;
}

}  // namespace topoforge::api
