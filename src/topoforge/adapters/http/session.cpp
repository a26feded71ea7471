#include <algorithm>
#include <chrono>
#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include <spdlog/spdlog.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

#include "topoforge/adapters/http/connection.hpp"
#include "topoforge/adapters/http/request_reader.hpp"
#include "topoforge/adapters/http/response_head.hpp"
#include "topoforge/adapters/http/stream_writer.hpp"
#include "topoforge/adapters/http/transport.hpp"
#include "topoforge/adapters/http/web_socket_session.hpp"

namespace topoforge::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace field = boost::beast::http;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

/// What is read and thrown away so that a client that still sends can read our refusal.
constexpr std::size_t kLingerBytes = 64U << 20U;

/// How a connection goes on after a request.
enum class Next { again, close, linger, web_socket };

class Session final : public Connection {
 public:
  Session(ServerContext& context, asio::ip::tcp::socket socket)
      : context_(context),
        stream_(std::move(socket), context.tls),
        buffer_(RequestReader::buffer_bytes(context.limits)),
        reader_(context.limits, stream_, buffer_),
        stream_writer_(context, stream_, buffer_) {
    beast::error_code ignored;
    stream_.socket().set_option(asio::ip::tcp::no_delay(true), ignored);
    peer_ = stream_.socket().remote_endpoint(ignored).address();
    over_loopback_ = plain_address(stream_.socket().local_endpoint(ignored).address()).is_loopback();
  }

  Task<void> run() {
    Next next = Next::again;
    {
      const Registration registration(context_, *this);
      const bool begun = co_await stream_.handshake(context_.limits.read_timeout);
      if (!begun) co_return;
      while (next == Next::again) next = co_await serve_one();
    }
    if (next == Next::web_socket) {
      co_await run_web_socket(context_, stream_, std::move(upgrade_), std::move(request_), std::move(admission_));
      co_return;
    }
    co_await stream_.finish(context_.limits.close_timeout);
    if (next == Next::linger) co_await linger();
    stream_.close();
  }

  void drain() override {
    if (idle_) stream_.close();
    stream_writer_.stop();
  }
  void abort() override {
    stream_.close();
    stream_writer_.stop();
  }

 private:
  Task<Next> serve_one() {
    request_ = {};
    framing_ = {};
    route_ = {};
    idle_ = buffer_.size() == 0;
    if (idle_ && context_.draining) co_return Next::close;
    const bool came = co_await reader_.wait(first_ ? context_.limits.read_timeout : context_.limits.keep_alive_timeout);
    idle_ = false;
    first_ = false;
    if (!came) co_return Next::close;
    began_ = std::chrono::steady_clock::now();
    auto head = co_await reader_.read_head();
    if (!head) co_return co_await refuse(std::move(head.error()));
    if (auto wrong = take_head(*head)) co_return co_await refuse(std::move(*wrong));
    auto body = co_await reader_.read_body(*head);
    if (!body) co_return co_await refuse(std::move(body.error()));
    request_.body = std::move(*body);
    stream_.expires_never();
    ++context_.requests;
    co_return co_await answer();
  }

  /// Answers a request that is read no further.
  Task<Next> refuse(ReadFailure why) {
    if (!why) co_return Next::close;
    co_return co_await refuse(error_response(why->status, why->detail));
  }
  Task<Next> refuse(Response response) {
    framing_.keep_alive = false;
    identify();
    co_await reply(std::move(response));
    co_return Next::linger;
  }

  /// What is known of a request before its body.
  ReadFailure take_head(RequestHead& head) {
    framing_ = {.keep_alive = head.keep_alive, .head = head.method == "HEAD", .version = head.version};
    request_.method = std::move(head.method);
    request_.headers = std::move(head.headers);
    identify();
    auto target = parse_target(head.target);
    if (!target) return Refusal{400, "Bad Request: " + target.error().message};
    request_.path = std::move(target->path);
    request_.query = std::move(target->query);
    if (!target->authority.empty()) {
      std::erase_if(request_.headers, [](const auto& header) { return equals_ignoring_case(header.first, "Host"); });
      request_.headers.emplace_back("Host", std::move(target->authority));
    }
    return std::nullopt;
  }

  void identify() {
    if (!request_.id.empty()) return;
    request_.id = context_.ids.choose(request_.header("X-Request-ID"));
    request_.peer = context_.proxies.client(peer_, request_.headers).to_string();
    request_.over_loopback = over_loopback_ && !context_.proxies.trusts(peer_);
  }

  /// Routes a request that was read whole.
  Task<Next> answer() {
    if (asks_for_web_socket()) {
      const WebSocketRoute* const route = context_.router.find_web_socket(request_.path);
      if (route != nullptr) co_return co_await open_web_socket(*route);
    }
    Response response = co_await respond();
    framing_.keep_alive = framing_.keep_alive && !context_.draining;
    const bool again = co_await reply(std::move(response));
    co_return again ? Next::again : Next::close;
  }

  Task<Next> open_web_socket(const WebSocketRoute& route) {
    route_ = route.path;
    if (!context_.origins.allows(request_, route.pages)) co_return co_await refuse(OriginPolicy::refusal(request_));
    if (buffer_.size() > 0) {
      co_return co_await refuse(error_response(400, "Bad Request: data before the WebSocket is open"));
    }
    std::optional<Response> refused;
    try {
      auto admitted = co_await route.gate(request_);
      if (admitted) {
        admission_ = std::move(*admitted);
      } else {
        refused = std::move(admitted.error());
      }
    } catch (const std::exception& error) {
      log_failure(error);
      refused = error_response(500, "Internal Server Error");
    }
    if (refused) co_return co_await refuse(std::move(*refused));
    co_return Next::web_socket;
  }

  /// Whether it does; then upgrade_ is the request as the library wants it.
  bool asks_for_web_socket() {
    if (request_.method != "GET" || request_.header("Upgrade").empty()) return false;
    upgrade_ = {field::verb::get, request_.path, framing_.version};
    for (const auto& [name, value] : request_.headers) upgrade_.insert(name, value);
    return beast::websocket::is_upgrade(upgrade_);
  }

  /// The answer, with what lets pages read it.
  Task<Response> respond() {
    if (OriginPolicy::is_preflight(request_)) {
      if (auto response = answer_preflight()) co_return std::move(*response);
    }
    auto found = context_.router.find(request_);
    const Route* const* const route = std::get_if<const Route*>(&found);
    const Pages pages = route == nullptr ? Pages::any : (*route)->pages;
    Response response;
    if (route != nullptr) route_ = (*route)->name;
    if (route == nullptr) {
      response = std::move(std::get<Response>(found));
    } else if (!context_.origins.allows(request_, pages)) {
      response = OriginPolicy::refusal(request_);
    } else {
      response = co_await handle((*route)->handler);
    }
    context_.origins.decorate(request_, pages, response);
    co_return response;
  }

  /// Nothing when there is no such route.
  std::optional<Response> answer_preflight() const {
    Request asked{.method = std::string(request_.header("Access-Control-Request-Method")), .path = request_.path};
    const auto found = context_.router.find(asked);
    const Route* const* const route = std::get_if<const Route*>(&found);
    if (route == nullptr) return std::nullopt;
    const Pages pages = (*route)->pages;
    Response response = context_.origins.preflight(request_, pages, context_.router.allowed_methods(request_.path));
    if (response.status == 204) context_.origins.decorate(request_, pages, response);
    return response;
  }

  Task<Response> handle(const Handler& handler) {
    try {
      co_return co_await handler(request_);
    } catch (const std::exception& error) {
      log_failure(error);
    }
    co_return error_response(500, "Internal Server Error");
  }

  void log_failure(const std::exception& error) const {
    spdlog::error("{} {} failed: {} (request {})", request_.method, request_.path, error.what(), request_.id);
  }

  /// Writes the answer and tells the log. True when the connection can go on.
  Task<bool> reply(Response response) {
    const unsigned status = response.status;
    response.headers.emplace_back("X-Request-ID", request_.id);
    const auto is_cache_control = [](const auto& header) {
      return equals_ignoring_case(header.first, "Cache-Control");
    };
    if (stream_.encrypted()) response.headers.emplace_back("Strict-Transport-Security", "max-age=31536000");
    if (request_.path.starts_with("/api/") &&
        std::none_of(response.headers.begin(), response.headers.end(), is_cache_control))
      response.headers.emplace_back("Cache-Control", "no-store");
    const bool again = co_await write(std::move(response));
    context_.answered(access_record(request_, route_, status, began_));
    co_return again;
  }

  Task<bool> write(Response response) {
    if (response.stream) co_return co_await stream_writer_.write(std::move(response), framing_);
    auto head = make_head(response, framing_);
    // A 304 would have to tell the length of the content that it leaves out (RFC 9110, 8.6).
    if (response.status != 204 && response.status != 304) head.content_length(response.body.size());
    stream_.expires_after(context_.limits.write_timeout);
    if (framing_.head) {
      field::response_serializer<field::empty_body> serializer(head);
      const auto [error, bytes] = co_await field::async_write_header(stream_, serializer, kAwait);
      co_return !error && framing_.keep_alive;
    }
    field::response<field::string_body> message(std::move(head.base()), std::move(response.body));
    const auto [error, bytes] = co_await field::async_write(stream_, message, kAwait);
    co_return !error && framing_.keep_alive;
  }

  /// Closing with unread bytes resets the connection, and the client may lose our answer.
  Task<void> linger() {
    beast::tcp_stream& below = stream_.next_layer();  // what still comes is nothing to anybody
    below.expires_after(context_.limits.close_timeout);
    std::string bin(64U << 10U, '\0');
    std::size_t total = 0;
    while (total < kLingerBytes) {
      const auto [error, bytes] = co_await below.async_read_some(asio::buffer(bin), kAwait);
      if (error) co_return;
      total += bytes;
    }
  }

  ServerContext& context_;
  Transport stream_;
  beast::flat_buffer buffer_;
  RequestReader reader_;
  StreamWriter stream_writer_;
  Request request_;
  asio::ip::address peer_;
  bool over_loopback_ = false;
  Framing framing_;
  std::string_view route_;                       ///< of the router, which outlives the session
  std::chrono::steady_clock::time_point began_;  ///< of the request
  field::request<field::string_body> upgrade_;
  WebSocketAdmission admission_;
  bool idle_ = true;   ///< between two requests
  bool first_ = true;  ///< before the first request
};

}  // namespace

Task<void> run_session(ServerContext& context, asio::ip::tcp::socket socket) {
  Session session(context, std::move(socket));
  co_await session.run();
}

Task<void> refuse_connection(ServerContext& context, asio::ip::tcp::socket socket) {
  Transport stream(std::move(socket), context.tls);
  const bool begun = co_await stream.handshake(context.limits.close_timeout);
  if (!begun) co_return;
  stream.expires_after(context.limits.close_timeout);
  const Response refused = error_response(503, "Too many connections");
  field::response<field::string_body> message(field::status::service_unavailable, 11, refused.body);
  message.set(field::field::content_type, refused.content_type);
  message.set(field::field::retry_after, "1");
  message.keep_alive(false);
  message.prepare_payload();
  co_await field::async_write(stream, message, kAwait);
  co_await stream.finish(context.limits.close_timeout);
  std::string bin(4096, '\0');
  co_await stream.next_layer().async_read_some(asio::buffer(bin), kAwait);
}

}  // namespace topoforge::http
