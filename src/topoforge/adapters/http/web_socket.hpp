#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <tl/expected.hpp>

#include "topoforge/adapters/http/message.hpp"
#include "topoforge/adapters/http/task.hpp"

/// Purpose: a WebSocket connection as the routes see it. Messages are UTF-8 text; what is none ends the connection with
/// 1007. permessage-deflate is not offered, so that no message grows while it is read. Thread safety: the I/O thread
/// alone.
namespace topoforge::http {

/// The other end. Lives as long as the connection's handler.
class WebSocketPeer {
 public:
  virtual ~WebSocketPeer() = default;
  /// Queues a text message. Overflow policy: beyond ServerLimits::socket_queue_* the peer reads too slowly; it is
  /// disconnected with code 1013 and counted, and what waited for it is dropped.
  virtual void send(std::shared_ptr<const std::string> text) = 0;
  /// Of the I/O thread.
  [[nodiscard]] virtual boost::asio::any_io_executor executor() = 0;
};

/// A message that was read and thrown away; the connection goes on.
struct UnreadMessage {
  enum class Reason { too_long, not_text };
  Reason reason = Reason::not_text;
  std::uint64_t bytes = 0;
  std::string detail = {};  ///< what the peer may be told
};

/// A text, or what stands in the place of a message that has more than ServerLimits::message_bytes or is binary.
using WebSocketMessage = std::variant<std::string, UnreadMessage>;

/// What is done with the messages of one connection; destroyed when it ends.
class WebSocketHandler {
 public:
  virtual ~WebSocketHandler() = default;
  /// All that came while the ones before were handled, in their order, at least one. Few are read ahead: a peer that
  /// sends faster waits in its own socket. It need not have answered them when it returns.
  virtual Task<void> on_messages(std::vector<WebSocketMessage> messages) = 0;
  /// Whether messages that it took have yet to be answered, which the connection waits for before it closes.
  [[nodiscard]] virtual bool has_unanswered() const { return false; }
  /// Answers some of them; called when no message has come since.
  virtual Task<void> answer_some() { co_return; }
};

using WebSocketOpener = std::function<std::unique_ptr<WebSocketHandler>(const Request& request, WebSocketPeer& peer)>;

struct WebSocketAdmission {
  WebSocketOpener opener;
  /// The one of those that the client offers (Sec-WebSocket-Protocol) which is spoken; a browser that offered some ends
  /// the connection when it is told none.
  std::string subprotocol = {};
  /// Asked every `admitted_for` while the connection is open; once the answer is no, it is closed with 1008. May be
  /// empty. Must not throw.
  std::function<Task<bool>()> still_admitted = nullptr;
  std::chrono::milliseconds admitted_for{2000};
};

/// Decides before the connection becomes a WebSocket. Errors: the answer to the request, such as 401, 429 or 503.
using WebSocketGate = std::function<Task<tl::expected<WebSocketAdmission, Response>>(const Request& request)>;

}  // namespace topoforge::http
