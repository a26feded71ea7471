#include "topoforge/api/stream_socket.hpp"

#include <algorithm>
#include <memory>
#include <utility>
#include <variant>
#include <vector>

#include <boost/json/object.hpp>

#include "topoforge/api/admission_guard.hpp"
#include "topoforge/codec/json/json_text.hpp"

namespace topoforge::api {

using boost::json::object;
using boost::json::value;

StreamSocket::StreamSocket(http::WebSocketPeer& peer, Services& services, std::vector<std::string> sources,
                           Permission permission)
    : peer_(peer),
      hub_(services.hub),
      engine_(services.engine),
      sources_(std::move(sources)),
      permission_(std::move(permission)),
      flow_(
          services.ingestor, peer.executor(),
          {.sender = this, .rejected = [this](const Error& error) {
             send_error(to_json({Detail{.loc = {"body", "values"}, .message = error.message, .type = "value_error"}}));
           }}) {
  hub_.join(*this);
}

StreamSocket::~StreamSocket() { hub_.leave(*this); }

void StreamSocket::send(const value& message) { peer_.send(std::make_shared<std::string>(print_json(message))); }

void StreamSocket::send_error(value detail) { send(object{{"type", "error"}, {"detail", std::move(detail)}}); }

bool StreamSocket::watches(const std::string& source) const {
  return sources_.empty() || std::ranges::find(sources_, source) != sources_.end();
}

http::Task<void> StreamSocket::configure(ClientConfig config) {
  object data;
  if (config.anomaly_threshold) {
    const double percent = *config.anomaly_threshold;
    data["anomaly_threshold"] = percent;
    const bool permitted = co_await permission_();
    // The server's has to leave something on both sides.
    if (permitted && percent > 0.0 && percent < 100.0) {
      engine_.set_threshold(percent / 100.0);
      threshold_.reset();
      data["scope"] = "server";
    } else {
      threshold_ = percent / 100.0;
    }
  }
  if (config.sources) {
    sources_ = std::move(*config.sources);
    data["sources"] = boost::json::array(sources_.begin(), sources_.end());
  }
  send(object{{"type", "config"}, {"data", std::move(data)}});
}

http::Task<void> StreamSocket::begin(Event event) {
  while (!flow_.begin(event)) co_await answer_some();
}

http::Task<void> StreamSocket::answer_some() {
  std::vector<IngestedEvent> told;
  const Result<void> kept = co_await flow_.progress(told);
  if (!kept) send_error(value(kept.error().message));
}

http::Task<void> StreamSocket::answer_all() {
  while (has_unanswered()) co_await answer_some();
}

http::Task<void> StreamSocket::on_messages(std::vector<http::WebSocketMessage> messages) {
  for (http::WebSocketMessage& message : messages) {
    if (const auto* const unread = std::get_if<http::UnreadMessage>(&message)) {
      co_await answer_all();
      send_error(value(unread->detail));
      continue;
    }
    auto read = read_client_message(std::get<std::string>(message));
    if (!read) {
      co_await answer_all();
      send_error(to_json(read.error()));
    } else if (auto* const config = std::get_if<ClientConfig>(&*read)) {
      co_await answer_all();
      co_await configure(std::move(*config));
    } else {
      co_await begin(std::move(std::get<Event>(*read)));
    }
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

std::vector<std::string> watched_sources(const http::Request& request) {
  std::vector<std::string> sources;
  for (const auto& [name, value] : request.query) {
    if (name == "source" && sources.size() < kMaxWatchedSources) sources.push_back(value);
  }
  return sources;
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
    const bool has_token = !with_token.header("Authorization").empty();
    const Reply<std::optional<Account>> account =
        co_await table.admit(has_token ? Access::viewer : Access::stream, with_token);
    if (!account) co_return tl::unexpected(to_response(account.error()));
    http::WebSocketAdmission admission;
    admission.opener = [&table, &services, with_token, has_token](const http::Request&, http::WebSocketPeer& peer) {
      auto permission = [&table, with_token, has_token]() -> http::Task<bool> {
        if (!has_token) co_return false;
        const Reply<std::optional<Account>> analyst = co_await table.admit(Access::analyst, with_token);
        co_return analyst.has_value();
      };
      return std::make_unique<StreamSocket>(peer, services, watched_sources(with_token), std::move(permission));
    };
    admission.subprotocol = protocol;
    if (has_token || !table.stream_is_open()) {
      auto guard = std::make_shared<AdmissionGuard>(table, has_token ? Access::viewer : Access::stream, with_token);
      admission.still_admitted = [guard = std::move(guard)] { return guard->admits(); };
      admission.admitted_for = AdmissionGuard::kPeriod;
    }
    co_return admission;
  };
}

}  // namespace topoforge::api
