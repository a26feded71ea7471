#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "topoforge/adapters/http/message.hpp"
#include "topoforge/adapters/http/task.hpp"

/// Purpose: a WebSocket connection as the routes see it. Thread safety: the I/O thread alone.
namespace topoforge::http {

/// The other end. Lives as long as the connection's handler.
class WebSocketPeer {
 public:
  virtual ~WebSocketPeer() = default;
  /// Queues a text message. Overflow policy: beyond ServerLimits::socket_queue_* the peer reads too slowly; it is
  /// disconnected with code 1013 and counted, and what waited for it is dropped.
  virtual void send(std::shared_ptr<const std::string> text) = 0;
};

/// What is done with the messages of one connection; destroyed when it ends.
class WebSocketHandler {
 public:
  virtual ~WebSocketHandler() = default;
  /// The next message is read when this one is done: a peer that sends faster waits in its own socket.
  virtual Task<void> on_text(std::string text) = 0;
};

using WebSocketOpener = std::function<std::unique_ptr<WebSocketHandler>(const Request& request, WebSocketPeer& peer)>;

}  // namespace topoforge::http
