#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>

#include "topoforge/adapters/http/body_stream.hpp"
#include "topoforge/adapters/http/message.hpp"
#include "topoforge/adapters/http/task.hpp"
#include "topoforge/base/result.hpp"

/// Purpose: live events for a browser's EventSource (the event stream format of the HTML standard). A route makes one
/// queue for each client, tells it to whoever has events, and answers with it:
///
///   class LiveEvents final : public ServerSentEvents, public LiveSubscriber {
///    public:
///     LiveEvents(const boost::asio::any_io_executor& executor, LiveHub& hub)
///         : ServerSentEvents(executor), hub_(hub) { hub_.join(*this); }
///     ~LiveEvents() override { hub_.leave(*this); }  // the client has gone, or the server stops
///     void receive(std::shared_ptr<const std::string> event) override { send(std::move(event)); }
///     ...
///   };
///   Task<Response> live(LiveHub& hub) {
///     co_return event_stream(std::make_unique<LiveEvents>(co_await boost::asio::this_coro::executor, hub));
///   }
///
/// To resume after Last-Event-ID, next() is overridden: it gives stored events first, then ServerSentEvents::next().
/// Thread safety: the I/O thread alone; format_event() and format_comment() are pure.
namespace topoforge::http {

struct ServerSentEvent {
  std::string name = {};  ///< what a page listens to; empty: "message"
  std::string data = {};  ///< may have several lines
  std::string id = {};    ///< what the client sends as Last-Event-ID when it comes back; empty: none
  std::optional<std::chrono::milliseconds> retry = std::nullopt;  ///< how long it waits before it comes back
};

/// The event as it is sent. Errors: invalid_argument for a name or id with a line break, an id with a zero byte or a
/// retry below zero, which would be read as something else.
Result<std::string> format_event(const ServerSentEvent& event);
/// What no client sees, to keep the connection alive; line by line where the text has several.
std::string format_comment(std::string_view text);

/// 200 text/event-stream, neither stored nor gathered on its way.
Response event_stream(std::unique_ptr<BodyStream> events);

struct EventQueueLimits {
  std::size_t events = 4096;                    ///< that wait for one client
  std::size_t bytes = 16U << 20U;               ///< of them
  std::chrono::milliseconds heartbeat{15'000};  ///< a comment goes out when nothing else did for so long
};

/// The events that wait for one client. Overflow policy: beyond the limits the client reads too slowly; what waits is
/// dropped, the connection is cut and counted in ServerStatus::slow_readers, and the client comes back by itself with
/// its Last-Event-ID.
class ServerSentEvents : public BodyStream {
 public:
  explicit ServerSentEvents(const boost::asio::any_io_executor& executor, EventQueueLimits limits = {});

  /// Queues an event that was formatted once for all clients.
  void send(std::shared_ptr<const std::string> formatted);
  /// Errors: those of format_event().
  Result<void> send(const ServerSentEvent& event);
  /// Ends the response after what is queued.
  void finish();

  Task<Result<std::optional<std::string>>> next() override;
  void stop() override { finish(); }

 private:
  std::string take();

  EventQueueLimits limits_;
  Signal changed_;
  std::deque<std::shared_ptr<const std::string>> queue_;
  std::size_t queued_bytes_ = 0;
  std::string overflow_;  ///< what is said of it; empty: none yet
  bool finished_ = false;
};

}  // namespace topoforge::http
