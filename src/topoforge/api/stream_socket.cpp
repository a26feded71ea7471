#include "topoforge/api/stream_socket.hpp"

#include <algorithm>
#include <memory>
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

namespace {

constexpr std::string_view kBearerProtocol = "bearer.";

/// The first offered subprotocol that is a token; empty when there is none.
std::string_view offered_token(std::string_view offered) {
  while (!offered.empty()) {
    const std::size_t comma = std::min(offered.find(','), offered.size());
    std::string_view item = offered.substr(0, comma);
    offered.remove_prefix(std::min(comma + 1, offered.size()));
    while (!item.empty() && item.front() == ' ') item.remove_prefix(1);
    while (!item.empty() && item.back() == ' ') item.remove_suffix(1);
    if (item.starts_with(kBearerProtocol)) return item;
  }
  return {};
}

}  // namespace

http::WebSocketGate stream_gate(const RouteTable& table, Services& services) {
  using Admitted = tl::expected<http::WebSocketAdmission, http::Response>;
  return [&table, &services](const http::Request& request) -> http::Task<Admitted> {
    const std::string protocol(offered_token(request.header("Sec-WebSocket-Protocol")));
    http::Request with_token = request;
    if (!protocol.empty() && request.header("Authorization").empty()) {
      with_token.headers.emplace_back("Authorization", "Bearer " + protocol.substr(kBearerProtocol.size()));
    }
    const Reply<std::optional<Account>> account = co_await table.admit(Access::stream, with_token);
    if (!account) co_return tl::unexpected(to_response(account.error()));
    http::WebSocketAdmission admission;
    admission.opener = [&services](const http::Request&, http::WebSocketPeer& peer) {
      return std::make_unique<StreamSocket>(peer, services.ingestor, services.hub);
    };
    admission.subprotocol = protocol;
    co_return admission;
  };
}

}  // namespace topoforge::api
