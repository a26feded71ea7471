#include "topoforge/api/stream_socket.hpp"

#include <utility>
#include <variant>
#include <vector>

#include <boost/json/object.hpp>

#include "topoforge/api/client_message.hpp"
#include "topoforge/codec/json/json_text.hpp"

namespace topoforge::api {

using boost::json::object;
using boost::json::value;

StreamSocket::StreamSocket(http::WebSocketPeer& peer, Ingestor& ingestor, LiveHub& hub)
    : peer_(peer), ingestor_(ingestor), hub_(hub) {
  hub_.join(*this);
}

StreamSocket::~StreamSocket() { hub_.leave(*this); }

void StreamSocket::send(const value& message) { peer_.send(std::make_shared<std::string>(print_json(message))); }

void StreamSocket::send_error(value detail) { send(object{{"type", "error"}, {"detail", std::move(detail)}}); }

http::Task<void> StreamSocket::on_unread(http::UnreadMessage message) {
  send_error(value(message.detail));
  co_return;
}

http::Task<void> StreamSocket::on_text(std::string text) {
  auto message = read_client_message(text);
  if (!message) {
    send_error(to_json(message.error()));
    co_return;
  }
  if (const auto* const config = std::get_if<ClientConfig>(&*message)) {
    threshold_ = config->anomaly_threshold / 100.0;
    send(object{{"type", "config"}, {"data", {{"anomaly_threshold", config->anomaly_threshold}}}});
    co_return;
  }
  std::vector<Event> events;
  events.push_back(std::move(std::get<Event>(*message)));
  const auto done = co_await ingestor_.ingest(std::move(events), {.sender = this, .wait_for_room = true});
  if (!done) {
    send_error(value(done.error().message));
  } else if (const auto& live = done->front().live; !live) {
    const Detail detail{.loc = {"body", "values"}, .message = live.error().message, .type = "value_error"};
    send_error(to_json({detail}));
  }
}

}  // namespace topoforge::api
