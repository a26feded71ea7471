#include <algorithm>
#include <ctime>
#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include <fmt/chrono.h>
#include <spdlog/spdlog.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

#include "topoforge/adapters/http/connection.hpp"
#include "topoforge/adapters/http/web_socket_session.hpp"

namespace topoforge::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace field = boost::beast::http;

using Parser = field::request_parser<field::string_body>;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

/// What is read and thrown away so that a client that still sends can read our refusal.
constexpr std::size_t kLingerBytes = 64U << 20U;

/// How a connection goes on after a request.
enum class Next { again, close, linger, web_socket };

Response refusal(beast::error_code error) {
  if (error == field::error::body_limit) return error_response(413, "Request body too large");
  if (error == field::error::header_limit) return error_response(431, "Request header fields too large");
  return error_response(400, "Bad Request: " + error.message());
}

bool is_protocol_error(beast::error_code error) {
  return error.category() == make_error_code(field::error::bad_method).category() &&
         error != field::error::end_of_stream && error != field::error::partial_message;
}

class Session final : public Connection {
 public:
  Session(ServerContext& context, asio::ip::tcp::socket socket) : context_(context), stream_(std::move(socket)) {
    beast::error_code ignored;
    stream_.socket().set_option(asio::ip::tcp::no_delay(true), ignored);
    const auto peer = stream_.socket().remote_endpoint(ignored);
    peer_ = peer.address().to_string();
  }

  Task<void> run() {
    Next next = Next::again;
    {
      const Registration registration(context_, *this);
      while (next == Next::again) next = co_await serve_one();
    }
    if (next == Next::web_socket) {
      co_await run_web_socket(context_, std::move(stream_), parser_->release(), std::move(request_), *opener_);
      co_return;
    }
    beast::error_code ignored;
    stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    if (next == Next::linger) co_await linger();
    stream_.close();
  }

  void drain() override {
    if (idle_) abort();
  }
  void abort() override { stream_.close(); }

 private:
  Task<Next> serve_one() {
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(context_.limits.header_bytes));
    parser_->body_limit(context_.limits.body_bytes);
    stream_.expires_after(context_.limits.read_timeout);
    idle_ = buffer_.size() == 0;
    if (idle_ && context_.draining) co_return Next::close;
    const auto [header_error, header_bytes] = co_await field::async_read_header(stream_, buffer_, *parser_, kAwait);
    idle_ = false;
    if (header_error) co_return co_await fail_read(header_error);
    if (beast::iequals(parser_->get()[field::field::expect], "100-continue")) {
      const field::response<field::empty_body> go_on(field::status::continue_, 11);
      const auto [error, bytes] = co_await field::async_write(stream_, go_on, kAwait);
      if (error) co_return Next::close;
    }
    stream_.expires_after(context_.limits.read_timeout);
    const auto [body_error, body_bytes] = co_await field::async_read(stream_, buffer_, *parser_, kAwait);
    if (body_error) co_return co_await fail_read(body_error);
    stream_.expires_never();
    ++context_.requests;
    co_return co_await answer();
  }

  Task<Next> fail_read(beast::error_code error) {
    if (!is_protocol_error(error)) co_return Next::close;
    co_await write(refusal(error), false, false);
    co_return Next::linger;
  }

  /// Routes a request that was read whole.
  Task<Next> answer() {
    const field::request<field::string_body>& message = parser_->get();
    const bool keep_alive = message.keep_alive();
    const bool head = message.method() == field::verb::head;
    if (auto wrong = read_request()) {
      co_await write(std::move(*wrong), false, head);
      co_return Next::linger;
    }
    if (beast::websocket::is_upgrade(message)) {
      opener_ = context_.router.find_web_socket(request_.path);
      if (opener_ != nullptr) {
        if (context_.origins.allows(request_)) co_return Next::web_socket;
        co_await write(error_response(403, "Origin not allowed"), false, false);
        co_return Next::linger;
      }
    }
    Response response = co_await respond();
    context_.origins.decorate(request_, response);
    spdlog::debug("{} {} {} {}", request_.peer, request_.method, request_.path, response.status);
    const bool again = keep_alive && !context_.draining;
    const bool written = co_await write(std::move(response), again, head);
    co_return written&& again ? Next::again : Next::close;
  }

  /// Fills request_; the answer when it is malformed.
  std::optional<Response> read_request() {
    field::request<field::string_body>& message = parser_->get();
    auto target = parse_target({message.target().data(), message.target().size()});
    if (!target) return error_response(400, "Bad Request: " + target.error().message);
    if (message.version() >= 11 && message.count(field::field::host) != 1) {
      return error_response(400, "Bad Request: wanted one Host header");
    }
    request_ = {.method = std::string(message.method_string()),
                .path = std::move(target->path),
                .query = std::move(target->query),
                .headers = {},
                .parameters = {},
                .body = std::move(message.body()),
                .peer = peer_};
    for (const auto& header : message) {
      request_.headers.emplace_back(std::string(header.name_string()), std::string(header.value()));
    }
    return std::nullopt;
  }

  Task<Response> respond() {
    if (context_.origins.is_preflight(request_)) {
      const std::string methods = context_.router.allowed_methods(request_.path);
      if (!methods.empty()) co_return context_.origins.preflight(request_, methods);
    }
    const bool reads = request_.method == "GET" || request_.method == "HEAD" || request_.method == "OPTIONS";
    if (!reads && !context_.origins.allows(request_)) co_return error_response(403, "Origin not allowed");
    auto found = context_.router.find(request_);
    if (auto* const response = std::get_if<Response>(&found)) co_return std::move(*response);
    try {
      co_return co_await (*std::get<const Handler*>(found))(request_);
    } catch (const std::exception& error) {
      spdlog::error("{} {} failed: {}", request_.method, request_.path, error.what());
    }
    co_return error_response(500, "Internal Server Error");
  }

  Task<bool> write(Response response, bool keep_alive, bool head) {
    field::response<field::string_body> message;
    message.version(11);
    message.result(response.status);
    message.set(field::field::server, "topoforge");
    message.set(field::field::date, fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(std::time(nullptr))));
    if (!response.body.empty()) message.set(field::field::content_type, response.content_type);
    message.set("X-Content-Type-Options", "nosniff");
    for (const auto& [name, value] : response.headers) message.insert(name, value);
    message.keep_alive(keep_alive);
    const std::size_t length = response.body.size();
    if (!head) message.body() = std::move(response.body);
    // A 304 would have to tell the length of the content that it leaves out (RFC 9110, 8.6).
    if (response.status != 204 && response.status != 304) message.content_length(length);
    stream_.expires_after(context_.limits.write_timeout);
    if (head) {
      field::response<field::empty_body> bare(std::move(message.base()));
      field::response_serializer<field::empty_body> serializer(bare);
      const auto [error, bytes] = co_await field::async_write_header(stream_, serializer, kAwait);
      co_return !error;
    }
    const auto [error, bytes] = co_await field::async_write(stream_, message, kAwait);
    co_return !error;
  }

  /// Closing with unread bytes resets the connection, and the client may lose our answer.
  Task<void> linger() {
    stream_.expires_after(context_.limits.close_timeout);
    std::string bin(64U << 10U, '\0');
    std::size_t total = 0;
    while (total < kLingerBytes) {
      const auto [error, bytes] = co_await stream_.async_read_some(asio::buffer(bin), kAwait);
      if (error) co_return;
      total += bytes;
    }
  }

  ServerContext& context_;
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  Request request_;
  std::string peer_;
  const WebSocketOpener* opener_ = nullptr;
  bool idle_ = true;  ///< between two requests
};

}  // namespace

Task<void> run_session(ServerContext& context, asio::ip::tcp::socket socket) {
  Session session(context, std::move(socket));
  co_await session.run();
}

Task<void> refuse_connection(ServerContext& context, asio::ip::tcp::socket socket) {
  beast::tcp_stream stream(std::move(socket));
  stream.expires_after(context.limits.close_timeout);
  const Response refused = error_response(503, "Too many connections");
  field::response<field::string_body> message(field::status::service_unavailable, 11, refused.body);
  message.set(field::field::content_type, refused.content_type);
  message.set(field::field::retry_after, "1");
  message.keep_alive(false);
  message.prepare_payload();
  co_await field::async_write(stream, message, kAwait);
  beast::error_code ignored;
  stream.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  std::string bin(4096, '\0');
  co_await stream.async_read_some(asio::buffer(bin), kAwait);
}

}  // namespace topoforge::http
