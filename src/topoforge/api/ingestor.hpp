#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>

#include "topoforge/adapters/http/task.hpp"
#include "topoforge/api/alerts/alert_dispatcher.hpp"
#include "topoforge/api/anomaly_feed.hpp"
#include "topoforge/api/live_hub.hpp"
#include "topoforge/base/result.hpp"
#include "topoforge/engine/engine.hpp"
#include "topoforge/ports/anomaly_store.hpp"
#include "topoforge/ports/telemetry.hpp"

/// Purpose: the one way of events into the server: analysed on the engine, anomalies stored on the storage pool, put
/// into the outbox where somebody is to be alerted, then told to the subscribers. Thread safety: the I/O thread alone.
namespace topoforge::api {

/// The wall clock, so that tests may bring their own.
using Clock = std::function<Timestamp()>;

struct IngestedEvent {
  Result<LiveAnalysis> live;  ///< what the pipeline refused is an error here
};

struct IngestOptions {
  const LiveSubscriber* sender = nullptr;
  /// Told of what the pipeline refused, in the order in which the other events are told to the subscribers.
  std::function<void(const Error&)> rejected = nullptr;
  /// false: unavailable when the engine's queue is full before the first event is in; true: wait for room.
  bool wait_for_room = false;
};

class Ingestor {
 public:
  /// All of them outlive the ingestor.
  struct Parts {
    Engine& engine;
    AnomalyStore& store;
    boost::asio::thread_pool& storage_pool;
    LiveHub& hub;
    AnomalyFeed& feed;
    Telemetry& telemetry;
    Clock clock;
    AlertDispatcher* alerts = nullptr;  ///< nullptr: nobody is alerted
  };
  explicit Ingestor(Parts parts) : parts_(std::move(parts)) {}

  /// One outcome an event, in their order. When it returns, its anomalies are in the store. A request that is past its
  /// first event waits for room in the engine's queue. Events of one stream are told in their order; another request
  /// for the same stream may be told in between.
  /// Errors: unavailable (queue full, nothing taken in); those of the store: then the events were analysed, but
  /// anomalies among them could not be kept.
  http::Task<Result<std::vector<IngestedEvent>>> ingest(std::vector<Event> events, IngestOptions options);

 private:
  friend class IngestFlow;

  http::Task<Result<void>> tell(std::vector<IngestedEvent>& part, const IngestOptions& options);
  void measure(const std::vector<IngestedEvent>& events);
  http::Task<Result<void>> keep_anomalies(std::vector<IngestedEvent>& events);
  http::Task<void> alert(const std::vector<IngestedEvent>& events) const;

  Parts parts_;
};

/// Events of one request or connection on their way through the engine, of which the next are begun while those before
/// are analysed; told of in the order in which they were begun. One coroutine at a time.
class IngestFlow {
 public:
  /// The ingestor and the sender outlive it. options.wait_for_room does not matter: begin() says whether there is room.
  IngestFlow(Ingestor& ingestor, const boost::asio::any_io_executor& executor, IngestOptions options);

  /// Takes the event where there is room for it. Errors: unavailable (much is under way, or the engine's queue is
  /// full): the event is as it was; after progress() there may be room.
  Result<void> begin(Event& event);
  [[nodiscard]] std::size_t under_way() const;
  /// Waits for some of what is under way, at least the first, stores its anomalies and tells of it; with nothing under
  /// way, waits a moment. What became of the events is in `told`, also beside an error, which is the store's.
  http::Task<Result<void>> progress(std::vector<IngestedEvent>& told);

 private:
  class Flight;

  Ingestor& ingestor_;
  boost::asio::any_io_executor executor_;
  IngestOptions options_;
  std::shared_ptr<Flight> flight_;
};

}  // namespace topoforge::api
