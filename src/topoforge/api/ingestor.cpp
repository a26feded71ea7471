#include "topoforge/api/ingestor.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

namespace topoforge::api {
namespace {

/// Events of a request that are on their way at once: few, so that requests share the engine fairly.
constexpr std::size_t kChunk = 64;
constexpr std::chrono::milliseconds kRoomPause{5};

/// Events under way; the shards fill outcomes, the last one wakes the coroutine.
struct Chunk {
  Chunk(const boost::asio::any_io_executor& executor, std::size_t count) : finished(executor), outcomes(count) {}

  http::Signal finished;
  std::vector<std::optional<Result<EngineOutcome>>> outcomes;
  std::atomic<std::size_t> left = 1;  ///< events under way, and one for the coroutine while it submits
  bool done = false;                  ///< of the I/O thread
};

}  // namespace

http::Task<Result<std::vector<IngestedEvent>>> Ingestor::analyse(std::vector<Event> events, bool wait_for_room) {
  const boost::asio::any_io_executor executor = co_await boost::asio::this_coro::executor;
  const auto chunk = std::make_shared<Chunk>(executor, events.size());
  const auto finish_one = [executor](const std::shared_ptr<Chunk>& which) {
    if (which->left.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    boost::asio::post(executor, [which] {
      which->done = true;
      which->finished.notify();
    });
  };
  Result<void> refused;
  for (std::size_t i = 0; i < events.size();) {
    chunk->left.fetch_add(1, std::memory_order_relaxed);
    refused = parts_.engine.submit(events[i], [chunk, i, finish_one](Result<EngineOutcome> outcome) {
      chunk->outcomes[i] = std::move(outcome);
      finish_one(chunk);
    });
    if (refused) {
      ++i;
      continue;
    }
    chunk->left.fetch_sub(1, std::memory_order_relaxed);
    if (i == 0 && !wait_for_room) break;
    boost::asio::steady_timer pause(executor, kRoomPause);
    co_await pause.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  }
  finish_one(chunk);
  while (!chunk->done) co_await chunk->finished.wait();
  if (!refused) co_return tl::unexpected(std::move(refused.error()));

  std::vector<IngestedEvent> ingested;
  ingested.reserve(events.size());
  for (std::size_t i = 0; i < events.size(); ++i) {
    Result<EngineOutcome>& outcome = *chunk->outcomes[i];
    if (outcome) {
      ingested.push_back(
          {LiveAnalysis{.event = std::move(events[i]), .outcome = std::move(*outcome), .anomaly_id = {}}});
    } else {
      ingested.push_back({tl::unexpected(std::move(outcome.error()))});
    }
  }
  co_return ingested;
}

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
  store_error_ = ids ? std::string() : ids.error().message;
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

http::Task<Result<std::vector<IngestedEvent>>> Ingestor::ingest(std::vector<Event> events, IngestOptions options) {
  std::vector<IngestedEvent> all;
  all.reserve(events.size());
  for (std::size_t start = 0; start < events.size(); start += kChunk) {
    const auto first = events.begin() + static_cast<std::ptrdiff_t>(start);
    const auto last = first + static_cast<std::ptrdiff_t>(std::min(kChunk, events.size() - start));
    std::vector<Event> part(std::make_move_iterator(first), std::make_move_iterator(last));
    auto chunk = co_await analyse(std::move(part), options.wait_for_room || start > 0);
    if (!chunk) {
      parts_.telemetry.events_ingested({.dropped = events.size()});
      co_return tl::unexpected(std::move(chunk.error()));
    }
    measure(*chunk);
    auto kept = co_await keep_anomalies(*chunk);
    if (kept && parts_.alerts != nullptr) co_await alert(*chunk);
    for (const IngestedEvent& event : *chunk) {
      if (event.live) {
        parts_.hub.publish(*event.live, options.sender);
      } else if (options.rejected) {
        options.rejected(event.live.error());
      }
    }
    if (!kept) co_return tl::unexpected(std::move(kept.error()));
    std::move(chunk->begin(), chunk->end(), std::back_inserter(all));
  }
  co_return all;
}

}  // namespace topoforge::api
