#include "topoforge/adapters/http/web_socket_session.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>

namespace topoforge::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kReadBytes = 64U << 10U;
/// What a connection keeps of its buffer between messages.
constexpr std::size_t kKeptBytes = 64U << 10U;
/// Messages that are read ahead of those that are handled; of bytes a message's worth.
constexpr std::size_t kReadAhead = 64;

class WebSocketSession final : public Connection, public WebSocketPeer {
 public:
  WebSocketSession(ServerContext& context, Transport& stream)
      : context_(context),
        stream_(stream),
        written_(stream_.get_executor()),
        changed_(stream_.get_executor()),
        arrived_(stream_.get_executor()),
        taken_(stream_.get_executor()),
        kill_timer_(stream_.get_executor()),
        admission_timer_(stream_.get_executor()),
        children_(stream_.get_executor()),
        handling_loop_(stream_.get_executor()) {}

  Task<void> run(beast::http::request<beast::http::string_body> upgrade, Request request,
                 WebSocketAdmission admission) {
    const Registration registration(context_, *this);
    stream_.next_layer().expires_never();
    stream_.set_option(websocket::stream_base::timeout{.handshake_timeout = context_.limits.read_timeout,
                                                       .idle_timeout = context_.limits.idle_timeout,
                                                       .keep_alive_pings = true});
    stream_.auto_fragment(false);  // a message is one frame
    stream_.read_message_max(std::max(context_.limits.message_bytes, context_.limits.skipped_message_bytes));
    stream_.set_option(websocket::stream_base::decorator([&](websocket::response_type& response) {
      response.set(beast::http::field::server, "topoforge");
      response.set("X-Request-ID", request.id);
      if (!admission.subprotocol.empty()) {
        response.set(beast::http::field::sec_websocket_protocol, admission.subprotocol);
      }
    }));
    const auto began = std::chrono::steady_clock::now();
    const auto [error] = co_await stream_.async_accept(upgrade, kAwait);
    context_.answered(access_record(request, request.path, error ? 400 : 101, began));
    if (error) co_return;
    if (context_.draining) drain();
    {
      // Before the writer, which an exception would leave without its session.
      const std::unique_ptr<WebSocketHandler> handler = admission.opener(request, *this);
      children_.spawn(write_loop());
      if (admission.still_admitted) children_.spawn(watch_admission(admission));
      handling_loop_.spawn(handle_loop(*handler));
      try {
        co_await read_loop();
      } catch (const std::exception& failure) {
        // Out of memory. The handler stays until its loop has ended.
        spdlog::error("a WebSocket cannot be read on: {}", failure.what());
        abort();
      }
      reading_ = false;
      arrived_.notify();
      co_await handling_loop_.join();
    }
    handled_all_ = true;
    changed_.notify();
    kill_after(context_.limits.close_timeout);
    // The timer of kill_after() ends by itself or when the writer is done.
    co_await children_.join();
  }

  void send(std::shared_ptr<const std::string> text) override {
    if (closing_ || broken_) return;
    if (queue_.size() >= context_.limits.socket_queue_messages ||
        queued_bytes_ + text->size() > context_.limits.socket_queue_bytes) {
      ++context_.slow_readers;
      spdlog::warn("a WebSocket reads too slowly: {} messages ({} bytes) wait for it; disconnected", queue_.size(),
                   queued_bytes_);
      if (queue_.size() > 1) queue_.erase(queue_.begin() + 1, queue_.end());  // the first may be on its way
      close(websocket::close_reason(websocket::close_code::try_again_later, "reads too slowly"));
      return;
    }
    queued_bytes_ += text->size();
    queue_.push_back(std::move(text));
    changed_.notify();
  }

  asio::any_io_executor executor() override { return stream_.get_executor(); }

  void drain() override { close(websocket::close_reason(websocket::close_code::going_away, "server stops")); }
  void abort() override {
    beast::error_code ignored;
    beast::get_lowest_layer(stream_).socket().close(ignored);
  }

 private:
  Task<void> read_loop() {
    beast::flat_buffer buffer;
    while (true) {
      const auto bytes = co_await read_message(buffer);
      if (!bytes) co_return;
      // What comes after our goodbye is not read; the loop waits for the peer's.
      if (!closing_) {
        if (auto unread = why_unread(*bytes)) {
          inbox_.emplace_back(std::move(*unread));
        } else {
          inbox_.emplace_back(beast::buffers_to_string(buffer.data()));
          inbox_bytes_ += *bytes;
        }
        arrived_.notify();
      }
      buffer.clear();
      if (buffer.capacity() > kKeptBytes) buffer.shrink_to_fit();
      while (inbox_.size() >= kReadAhead || inbox_bytes_ >= context_.limits.message_bytes) co_await taken_.wait();
    }
  }

  Task<void> handle_loop(WebSocketHandler& handler) {
    while (true) {
      // A peer that does not read its answers is not heard either.
      while (queue_.size() > context_.limits.socket_queue_messages / 4 && !closing_ && !broken_) {
        co_await written_.wait();
      }
      if (!inbox_.empty()) {
        inbox_bytes_ = 0;
        taken_.notify();
        co_await handle(handler, handler.on_messages(std::exchange(inbox_, {})));
      } else if (unanswered_) {
        co_await handle(handler, handler.answer_some());
      } else if (reading_) {
        co_await arrived_.wait();
      } else {
        co_return;
      }
    }
  }

  /// Its size; nothing at the end of the connection. The buffer holds it where it is to be delivered.
  Task<std::optional<std::uint64_t>> read_message(beast::flat_buffer& buffer) {
    std::uint64_t total = 0;
    do {
      const auto [error, bytes] = co_await stream_.async_read_some(buffer, kReadBytes, kAwait);
      if (error) co_return std::nullopt;
      total += bytes;
      if (!stream_.got_text() || total > context_.limits.message_bytes) buffer.clear();
    } while (!stream_.is_message_done());
    co_return total;
  }

  Task<void> handle(const WebSocketHandler& handler, Task<void> part) {
    unanswered_ = true;
    try {
      co_await std::move(part);
      unanswered_ = handler.has_unanswered();
    } catch (const std::exception& error) {
      spdlog::error("a WebSocket message failed: {}", error.what());
      close(websocket::close_reason(websocket::close_code::internal_error, "internal error"));
      unanswered_ = false;
    }
    changed_.notify();
  }

  [[nodiscard]] std::optional<UnreadMessage> why_unread(std::uint64_t bytes) const {
    if (!stream_.got_text()) {
      return UnreadMessage{UnreadMessage::Reason::not_text, bytes, "wanted text messages, got a binary one"};
    }
    if (bytes <= context_.limits.message_bytes) return std::nullopt;
    return UnreadMessage{
        UnreadMessage::Reason::too_long, bytes,
        fmt::format("the message has {} bytes; at most {} are read", bytes, context_.limits.message_bytes)};
  }

  Task<void> write_loop() {
    while (!broken_) {
      if (!queue_.empty()) {
        const std::shared_ptr<const std::string> text = queue_.front();
        stream_.text(true);
        if (queue_.size() > 1) stream_.next_layer().hold_packets(true);
        const auto [error, bytes] = co_await stream_.async_write(asio::buffer(*text), kAwait);
        if (error) {
          broken_ = true;
          abort();
          break;
        }
        queued_bytes_ -= std::min(queued_bytes_, text->size());
        queue_.pop_front();
        if (queue_.empty()) stream_.next_layer().hold_packets(false);
        written_.notify();
      } else if (closing_ && !unanswered_ && inbox_.empty()) {
        kill_after(context_.limits.close_timeout);
        co_await stream_.async_close(*closing_, kAwait);
        break;
      } else if (handled_all_) {
        break;
      } else {
        co_await changed_.wait();
      }
    }
    written_.notify();
    done_ = true;
    kill_timer_.cancel();
    admission_timer_.cancel();
  }

  /// admission lives as long as the session.
  Task<void> watch_admission(const WebSocketAdmission& admission) {
    while (!done_ && !closing_) {
      admission_timer_.expires_after(admission.admitted_for);
      co_await admission_timer_.async_wait(kAwait);
      if (done_ || closing_) co_return;
      const bool admitted = co_await admission.still_admitted();
      if (!admitted) close(websocket::close_reason(websocket::close_code::policy_error, "not allowed any more"));
    }
  }

  void close(websocket::close_reason reason) {
    if (closing_) return;
    const bool too_slow = reason.code == websocket::close_code::try_again_later;
    closing_ = std::move(reason);
    // A peer that does not read will not take the goodbye either.
    if (too_slow) kill_after(context_.limits.close_timeout);
    changed_.notify();
    written_.notify();
  }

  void kill_after(std::chrono::milliseconds delay) {
    if (killing_ || done_) return;
    killing_ = true;
    kill_timer_.expires_after(delay);
    children_.spawn(kill());
  }
  Task<void> kill() {
    if (!done_) co_await kill_timer_.async_wait(kAwait);
    if (!done_) abort();
  }

  ServerContext& context_;
  websocket::stream<Transport&> stream_;
  std::deque<std::shared_ptr<const std::string>> queue_;
  std::size_t queued_bytes_ = 0;
  std::optional<websocket::close_reason> closing_;
  std::vector<WebSocketMessage> inbox_;
  std::size_t inbox_bytes_ = 0;
  bool reading_ = true;
  bool unanswered_ = false;  ///< the handler has taken messages and not answered all of them
  bool handled_all_ = false;
  bool broken_ = false;  ///< the connection takes no more writes
  bool done_ = false;    ///< the writer has ended
  bool killing_ = false;
  Signal written_;  ///< a message left the queue
  Signal changed_;  ///< the writer has something to look at
  Signal arrived_;  ///< the inbox has a message, or gets no more
  Signal taken_;    ///< the inbox was emptied
  asio::steady_timer kill_timer_;
  asio::steady_timer admission_timer_;
  TaskGroup children_;
  TaskGroup handling_loop_;
};

}  // namespace

Task<void> run_web_socket(ServerContext& context, Transport& stream,
                          beast::http::request<beast::http::string_body> upgrade, Request request,
                          WebSocketAdmission admission) {
  WebSocketSession session(context, stream);
  co_await session.run(std::move(upgrade), std::move(request), std::move(admission));
}

}  // namespace topoforge::http
