#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "topoforge/adapters/http/web_socket.hpp"
#include "topoforge/api/client_message.hpp"
#include "topoforge/api/ingestor.hpp"
#include "topoforge/api/live_hub.hpp"
#include "topoforge/api/route.hpp"
#include "topoforge/api/routes.hpp"

/// Purpose: one client of WS /ws/stream. Each event is answered and told to all others, of those that watch its source;
/// an error answers `{"type":"error","detail":...}` and leaves the connection open. All is answered in the order in
/// which it came; the next events are taken while those before are analysed. `?source=a&source=b` or a config
/// message says which sources are watched. The threshold of a config message is that of this connection's view; an
/// analyst, by the token of the connection, sets the server's, which lasts until it stops. Thread safety: the I/O
/// thread.
namespace topoforge::api {

class StreamSocket final : public http::WebSocketHandler, public LiveSubscriber {
 public:
  /// Whether the client may change what the server does, asked each time that it wants to.
  using Permission = std::function<http::Task<bool>()>;

  StreamSocket(http::WebSocketPeer& peer, Services& services, std::vector<std::string> sources, Permission permission);
  ~StreamSocket() override;
  StreamSocket(const StreamSocket&) = delete;
  StreamSocket& operator=(const StreamSocket&) = delete;

  http::Task<void> on_messages(std::vector<http::WebSocketMessage> messages) override;
  [[nodiscard]] bool has_unanswered() const override { return flow_.under_way() > 0; }
  http::Task<void> answer_some() override;
  [[nodiscard]] std::optional<double> threshold() const override { return threshold_; }
  [[nodiscard]] bool watches(const std::string& source) const override;
  void receive(std::shared_ptr<const std::string> message) override { peer_.send(std::move(message)); }

 private:
  /// Begins the analysis, once there is room.
  http::Task<void> begin(Event event);
  http::Task<void> answer_all();
  http::Task<void> configure(ClientConfig config);
  void send(const boost::json::value& message);
  void send_error(boost::json::value detail);

  http::WebSocketPeer& peer_;
  LiveHub& hub_;
  Engine& engine_;
  std::vector<std::string> sources_;  ///< that it watches; none: all
  Permission permission_;
  std::optional<double> threshold_;
  IngestFlow flow_;
};

/// Lets clients in by Access::stream. A browser, which cannot send a header with a WebSocket, offers its token as the
/// subprotocol "bearer.<token>", which is then the one that is spoken.
http::WebSocketGate stream_gate(const RouteTable& table, Services& services);

}  // namespace topoforge::api
