#include "topoforge/api/realtime_routes.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/this_coro.hpp>

#include "topoforge/adapters/http/server_sent_events.hpp"
#include "topoforge/api/admission_guard.hpp"
#include "topoforge/api/anomaly_feed.hpp"

namespace topoforge::api {
namespace {

constexpr std::chrono::seconds kHeartbeat{15};
/// How long a client waits before it comes back.
constexpr int kRetryMilliseconds = 2000;

struct StreamSelection {
  std::optional<std::string> source;
  std::optional<std::string> entity;
  std::optional<double> min_score;

  [[nodiscard]] bool takes(const FeedEntry& entry) const {
    return (!source || *source == entry.source) && (!entity || *entity == entry.entity) &&
           (!min_score || entry.anomaly_score >= *min_score);
  }
  static constexpr auto model() {
    return topoforge::model(
        "StreamSelection", "Which anomalies", field(&StreamSelection::source, {.max_length = kMaxNameBytes}),
        field(&StreamSelection::entity, {.max_length = kMaxNameBytes}),
        field(&StreamSelection::min_score, {.about = "Least anomaly_score", .least = 0, .most = 1}));
  }
};
BOOST_DESCRIBE_STRUCT(StreamSelection, (), (source, entity, min_score))

/// One client, which reads the feed at its own pace.
class AnomalyStream final : public http::BodyStream, public AnomalyFollower {
 public:
  AnomalyStream(const boost::asio::any_io_executor& executor, AnomalyFeed& feed, StreamSelection selection,
                AdmissionGuard guard)
      : feed_(feed), selection_(std::move(selection)), guard_(std::move(guard)), changed_(executor) {
    feed_.join(*this);
  }
  ~AnomalyStream() override { feed_.leave(*this); }
  AnomalyStream(const AnomalyStream&) = delete;
  AnomalyStream& operator=(const AnomalyStream&) = delete;

  void start_after(std::string place) { place_ = std::move(place); }

  http::Task<Result<std::optional<std::string>>> next() override {
    if (!greeted_) {
      greeted_ = true;
      co_return fmt::format("retry: {}\n{}", kRetryMilliseconds, http::format_comment("connected"));
    }
    const auto began = std::chrono::steady_clock::now();
    while (!stopped_) {
      const bool admitted = co_await guard_.admits();
      if (!admitted) break;
      woken_ = false;
      const Result<FeedEntries> entries = co_await feed_.after(place_);
      std::string piece;
      if (entries) {
        for (const auto& entry : *entries) {
          place_ = entry->id;
          if (selection_.takes(*entry)) piece += entry->event;
        }
      }
      if (!piece.empty()) co_return piece;
      if (entries && !entries->empty()) continue;
      if (stopped_ || (woken_ && entries)) continue;
      // A client would not come back to an answer that is no stream: it stays, and the store is asked again.
      co_await changed_.wait_for(AdmissionGuard::kPeriod);
      if (std::chrono::steady_clock::now() - began >= kHeartbeat && !stopped_) co_return http::format_comment("");
    }
    co_return std::nullopt;
  }

  void stop() override {
    stopped_ = true;
    changed_.notify();
  }
  void wake() override {
    woken_ = true;
    changed_.notify();
  }

 private:
  AnomalyFeed& feed_;
  StreamSelection selection_;
  AdmissionGuard guard_;
  http::Signal changed_;
  std::string place_;
  bool greeted_ = false;
  bool woken_ = false;
  bool stopped_ = false;
};

/// Where the client goes on. Errors: 400 for an id that none of ours can be; those of the store.
http::Task<Reply<std::string>> place_of(const Services& services, std::string last_id) {
  const Result<std::string> newest = co_await services.feed.newest();
  if (!newest) co_return tl::unexpected(problem_of(newest.error()));
  if (last_id.empty()) co_return *newest;
  auto look = [store = &services.store, &last_id] { return store->after(last_id, 1); };
  const auto known = co_await http::run_on(services.storage_pool, std::move(look));
  if (!known && known.error().code == ErrorCode::invalid_argument) {
    co_return tl::unexpected(problem(400, "Last-Event-ID: wanted the id of an event of this stream"));
  }
  if (!known) co_return tl::unexpected(problem_of(known.error()));
  // Of a store that was put back to an earlier state, the client knows what is not there any more.
  co_return std::min(last_id, *newest);
}

http::Task<Reply<http::Response>> stream(const Services& services, const http::Request& request,
                                         StreamSelection selection, AdmissionGuard guard) {
  const boost::asio::any_io_executor executor = co_await boost::asio::this_coro::executor;
  auto stream = std::make_unique<AnomalyStream>(executor, services.feed, std::move(selection), std::move(guard));
  Reply<std::string> place = co_await place_of(services, std::string(request.header("Last-Event-ID")));
  if (!place) co_return tl::unexpected(std::move(place.error()));
  stream->start_after(std::move(*place));
  co_return http::event_stream(std::move(stream));
}

}  // namespace

void add_realtime_routes(RouteTable& routes, Services& services) {
  routes
      .add({.method = "GET",
            .path = "/api/realtime/stream",
            .tag = "realtime",
            .summary = "Anomalies as they are stored, as server-sent events",
            .description = "Event name `anomaly`, data as of GET /api/anomalies/{id}. With `Last-Event-ID` it goes on "
                           "after that anomaly. A comment comes every 15 seconds when nothing else does.",
            .access = Access::stream},
           [&services, &routes](const Call& call, Query<StreamSelection> query) {
             return stream(services, call.request, std::move(query.value),
                           AdmissionGuard(routes, Access::stream, call.request));
           })
      .answers<std::string>(200, "text/event-stream");
}

}  // namespace topoforge::api
