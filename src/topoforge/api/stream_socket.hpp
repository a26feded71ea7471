#pragma once

#include <memory>
#include <optional>
#include <string>

#include "topoforge/adapters/http/web_socket.hpp"
#include "topoforge/api/ingestor.hpp"
#include "topoforge/api/live_hub.hpp"
#include "topoforge/api/route.hpp"
#include "topoforge/api/routes.hpp"

/// Purpose: one client of WS /ws/stream. Each event is answered and told to all others; an error answers
/// `{"type":"error","detail":...}` and leaves the connection open. A connection's events are analysed one after the
/// other. Thread safety: the I/O thread.
namespace topoforge::api {

class StreamSocket final : public http::WebSocketHandler, public LiveSubscriber {
 public:
  StreamSocket(http::WebSocketPeer& peer, Ingestor& ingestor, LiveHub& hub);
  ~StreamSocket() override;
  StreamSocket(const StreamSocket&) = delete;
  StreamSocket& operator=(const StreamSocket&) = delete;

  http::Task<void> on_text(std::string text) override;
  http::Task<void> on_unread(http::UnreadMessage message) override;
  [[nodiscard]] std::optional<double> threshold() const override { return threshold_; }
  void receive(std::shared_ptr<const std::string> message) override { peer_.send(std::move(message)); }

 private:
  void send(const boost::json::value& message);
  void send_error(boost::json::value detail);

  http::WebSocketPeer& peer_;
  Ingestor& ingestor_;
  LiveHub& hub_;
  std::optional<double> threshold_;
};

/// Lets clients in by Access::stream. A browser, which cannot send a header with a WebSocket, offers its token as the
/// subprotocol "bearer.<token>", which is then the one that is spoken.
http::WebSocketGate stream_gate(const RouteTable& table, Services& services);

}  // namespace topoforge::api
