// The server over real sockets, with limits small enough to be met in a test.
#include "topoforge/adapters/http/server.hpp"

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "topoforge/adapters/http/live_server_test.hpp"
#include "topoforge/adapters/http/static_asset.hpp"

namespace topoforge::http {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

/// Answers each message with `repeat` messages of `bytes`.
class Talkative final : public OneByOne {
 public:
  explicit Talkative(WebSocketPeer& peer) : peer_(peer) {}
  Task<void> on_text(std::string text) override {
    const auto answer = std::make_shared<std::string>(text == "flood" ? std::string(100'000, 'x') : text);
    for (int i = 0; i < (text == "flood" ? 1000 : 1); ++i) peer_.send(answer);
    if (text == "throw") throw std::runtime_error("a handler that fails");
    co_return;
  }
  Task<void> on_unread(UnreadMessage message) override {
    peer_.send(std::make_shared<std::string>(message.detail));
    co_return;
  }

 private:
  WebSocketPeer& peer_;
};

class ServerTest : public LiveServer {
 protected:
  void add_routes(Router& router) override {
    router.add("GET", "/", [](const Request&) -> Task<Response> { co_return Response{.body = "\"ok\""}; });
    router.add("GET", "/throw", [](const Request&) -> Task<Response> {
      throw std::runtime_error("a handler that fails");
      co_return Response{};
    });
    router.add("GET", "/big",
               [](const Request&) -> Task<Response> { co_return Response{.body = std::string(64U << 20U, 'x')}; });
    router.add("GET", "/slow", [this](const Request&) -> Task<Response> {
      entered_.store(true);
      asio::steady_timer timer(co_await asio::this_coro::executor, milliseconds(200));
      co_await timer.async_wait(asio::use_awaitable);
      co_return Response{.body = "\"slow\""};
    });
    router.add("GET", "/id",
               [](const Request& request) -> Task<Response> { co_return Response{.body = '"' + request.id + '"'}; });
    router.add("GET", "/peer",
               [](const Request& request) -> Task<Response> { co_return Response{.body = '"' + request.peer + '"'}; });
    router.add(
        "GET", "/api/thing", [](const Request&) -> Task<Response> { co_return Response{.body = "{}"}; }, Pages::any);
    router.add("GET", "/page", [](const Request&) -> Task<Response> {
      co_return Response{.body = "<p>",
                         .content_type = "text/html",
                         .headers = {{"content-security-policy", "default-src 'self'"},
                                     {"X-Title", "a\r\nSet-Cookie: forged\r\n\r\n<script>"}}};
    });
    router.add("GET", "/kept", [](const Request& request) -> Task<Response> {
      co_return static_asset(request, {.content = "p {}", .content_type = "text/css", .etag = "\"1\""});
    });
    router.add_web_socket("/ws", [](const Request&, WebSocketPeer& peer) { return std::make_unique<Talkative>(peer); });
  }

  std::atomic<bool> entered_ = false;
};

constexpr const char* kGet = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

TEST_F(ServerTest, ASlowHeaderOrBodyIsCutOff) {
  start({.read_timeout = milliseconds(150)});
  Client idle = connect();
  Client header = connect();
  header.send("GET / HT");
  Client body = connect();
  body.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf");
  EXPECT_EQ(idle.read_until_closed(), "");
  EXPECT_EQ(header.read_until_closed(), "");
  EXPECT_EQ(body.read_until_closed(), "");
  EXPECT_TRUE(all_closed_soon());
}

TEST_F(ServerTest, AClientThatDoesNotReadItsAnswerIsCutOff) {
  start({.write_timeout = milliseconds(150)});
  Client client = connect();
  client.send("GET /big HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(soon([this] { return server_->status().requests == 1; }));
  EXPECT_TRUE(all_closed_soon());
}

TEST_F(ServerTest, BeyondTheLimitOfConnectionsTheNextIsToldSo) {
  start({.connections = 2});
  Client first = connect();
  Client second = connect();
  ASSERT_TRUE(soon([this] { return server_->status().connections == 2; }));
  const std::string refused = connect().read_until_closed();
  EXPECT_THAT(refused, StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(refused, HasSubstr("Retry-After: 1"));
  EXPECT_THAT(refused, HasSubstr(R"({"detail":"Too many connections"})"));
  EXPECT_EQ(server_->status().refused_connections, 1U);
  first.send(kGet);
  EXPECT_THAT(first.read(15), StartsWith("HTTP/1.1 200 OK"));
}

TEST_F(ServerTest, AHandlerThatThrowsAnswers500AndTheServerGoesOn) {
  start(ServerLimits{});
  Client client = connect();
  client.send("GET /throw HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(client.read_until_closed(), StartsWith("HTTP/1.1 500 "));
  Client talker = connect();
  talker.upgrade();
  talker.send_text("throw");
  EXPECT_EQ(talker.read(9), std::string("\x81\x05throw\x88\x10", 9)) << "the answer, then goodbye with code 1011";
  EXPECT_EQ(talker.read(2), std::string("\x03\xf3", 2));
  Client other = connect();
  other.send(kGet);
  EXPECT_THAT(other.read(15), StartsWith("HTTP/1.1 200 OK"));
}

TEST_F(ServerTest, ASlowReaderIsDisconnectedAndCounted) {
  start({.socket_queue_messages = 50, .close_timeout = milliseconds(200)});
  Client slow = connect();
  slow.upgrade();
  slow.send_text("flood");
  EXPECT_TRUE(soon([this] { return server_->status().slow_readers == 1; }));
  EXPECT_TRUE(all_closed_soon()) << "though it never reads";
}

TEST_F(ServerTest, ASlowReaderThatReadsAgainIsToldWhy) {
  start({.socket_queue_messages = 50, .close_timeout = milliseconds(20'000)});
  Client slow = connect();
  slow.upgrade();
  slow.send_text("flood");
  ASSERT_TRUE(soon([this] { return server_->status().slow_readers == 1; }));
  std::string frame;
  for (int messages = 0; messages < 1000; ++messages) {
    frame = slow.read(2);
    ASSERT_EQ(frame.size(), 2U);
    if (frame[0] == '\x88') break;
    slow.read(8 + 100'000);
  }
  ASSERT_EQ(frame[0], '\x88');
  EXPECT_EQ(slow.read(2), std::string("\x03\xf5", 2)) << "1013, try again later";
}

TEST_F(ServerTest, StoppingFinishesARequestAndSaysGoodbye) {
  start(ServerLimits{});
  Client idle = connect();
  Client busy = connect();
  Client talker = connect();
  talker.upgrade();
  busy.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(soon([this] { return entered_.load(); }));
  server_->stop();
  EXPECT_EQ(idle.read_until_closed(), "");
  const std::string answer = busy.read_until_closed();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK"));
  EXPECT_THAT(answer, HasSubstr("Connection: close"));
  EXPECT_EQ(talker.read(4), std::string("\x88\x0e\x03\xe9", 4)) << "1001, going away";
  talker.send(std::string("\x88\x82\0\0\0\0\x03\xe9", 8));
  thread_.join();
  EXPECT_EQ(server_->status().connections, 0U);
}

TEST_F(ServerTest, WhatDoesNotEndIsCutOffAtTheEnd) {
  start({.close_timeout = milliseconds(20'000), .drain_timeout = milliseconds(100)});
  Client talker = connect();
  talker.upgrade();  // and it never answers the goodbye
  const auto begin = steady_clock::now();
  stop();
  EXPECT_LT(steady_clock::now() - begin, std::chrono::seconds(10));
}

TEST_F(ServerTest, ARequestHasTheIdThatItBringsOrANewOne) {
  start(ServerLimits{});
  Client client = connect();
  client.get("/id", "X-Request-ID: trace-7\r\n");
  EXPECT_THAT(client.read_until("\"trace-7\""), HasSubstr("X-Request-ID: trace-7\r\n"));
  client.get("/id", "X-Request-ID: a b\r\n");
  const std::string first = client.read_until("\r\n\r\n");
  EXPECT_THAT(first, ContainsRegex("X-Request-ID: [0-9a-f]{16}-[0-9a-f]+\r\n"));
  client.get("/nowhere", "Connection: close\r\n");
  const std::string second = client.read_until_closed();
  EXPECT_THAT(second, ContainsRegex("HTTP/1.1 404 Not Found\r\n(.*\r\n)*X-Request-ID: [0-9a-f]{16}-[0-9a-f]+\r\n"));
  Client malformed = connect();
  malformed.send("nonsense\r\n\r\n");
  EXPECT_THAT(malformed.read_until_closed(), HasSubstr("X-Request-ID: "));
  Client talker = connect();
  EXPECT_THAT(talker.upgrade("X-Request-ID: trace-8\r\n"), HasSubstr("X-Request-ID: trace-8\r\n"));
}

TEST_F(ServerTest, EveryAnswerKeepsABrowserSafe) {
  start(ServerLimits{});
  Client client = connect();
  for (const char* path : {"/", "/nowhere", "/api/thing"}) {
    client.get(path);
    const std::string head = client.read_until("\r\n\r\n");
    client.read_until(path == std::string("/nowhere") ? "}" : path == std::string("/") ? "\"ok\"" : "{}");
    EXPECT_THAT(head, HasSubstr("X-Content-Type-Options: nosniff\r\n")) << path;
    EXPECT_THAT(head, HasSubstr("X-Frame-Options: DENY\r\n")) << path;
    EXPECT_THAT(head, HasSubstr("Referrer-Policy: no-referrer\r\n")) << path;
    EXPECT_THAT(head, HasSubstr("Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n")) << path;
    EXPECT_EQ(head.find("Cache-Control: no-store\r\n") != std::string::npos, path == std::string("/api/thing"));
    EXPECT_THAT(head, Not(HasSubstr("Strict-Transport-Security"))) << "without TLS it would lock people out";
  }
  client.get("/page");
  const std::string head = client.read_until("\r\n\r\n");
  EXPECT_THAT(head, HasSubstr("content-security-policy: default-src 'self'\r\n"));
  EXPECT_THAT(head, Not(HasSubstr("default-src 'none'")));
  EXPECT_THAT(head, HasSubstr("X-Title: a  Set-Cookie: forged    <script>\r\n")) << "no header of its own";
}

TEST_F(ServerTest, WhatABrowserHasIsNotSentAgain) {
  start(ServerLimits{});
  Client client = connect();
  client.get("/kept", "If-None-Match: \"1\"\r\n");
  const std::string head = client.read_until("\r\n\r\n");
  EXPECT_THAT(head, StartsWith("HTTP/1.1 304 Not Modified\r\n"));
  EXPECT_THAT(head, Not(HasSubstr("\r\nContent-Type:")));
  EXPECT_THAT(head, Not(HasSubstr("\r\nContent-Length:")));
  client.get("/", "Connection: close\r\n");
  EXPECT_THAT(client.read_until_closed(), StartsWith("HTTP/1.1 200 OK")) << "it has no body";
}

TEST_F(ServerTest, PagesOfOthersAreKeptFromWhatIsOpen) {
  start(ServerLimits{});
  const std::string evil = "Origin: https://evil.example\r\nConnection: close\r\n";
  Client open = connect();
  open.get("/", evil);
  const std::string refused = open.read_until_closed();
  EXPECT_THAT(refused, StartsWith("HTTP/1.1 403 "));
  EXPECT_THAT(refused, Not(HasSubstr("Access-Control-Allow-Origin")));
  Client guarded = connect();
  guarded.get("/api/thing", evil);
  EXPECT_THAT(guarded.read_until_closed(), HasSubstr("Access-Control-Allow-Origin: *\r\n"));
  Client socket = connect();
  socket.send(
      "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nOrigin: https://evil.example\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
  EXPECT_THAT(socket.read_until_closed(), StartsWith("HTTP/1.1 403 "));
  Client front_end = connect();
  front_end.upgrade("Origin: http://localhost:5173\r\n");
  Client preflight = connect();
  preflight.send("OPTIONS /api/thing HTTP/1.1\r\nHost: x\r\nAccess-Control-Request-Method: GET\r\n" + evil + "\r\n");
  const std::string told = preflight.read_until_closed();
  EXPECT_THAT(told, StartsWith("HTTP/1.1 204 "));
  EXPECT_THAT(told, HasSubstr("Access-Control-Allow-Origin: *\r\n"));
  EXPECT_THAT(told, HasSubstr("Access-Control-Allow-Methods: GET, HEAD\r\n"));
  Client rebound = connect();
  rebound.send("GET / HTTP/1.1\r\nHost: evil.example:8000\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(rebound.read_until_closed(), StartsWith("HTTP/1.1 403 "));
}

TEST_F(ServerTest, TheClientIsWhomATrustedProxyNames) {
  start(ServerOptions{.proxies = *TrustedProxies::parse("127.0.0.1")});
  Client client = connect();
  client.get("/peer", "X-Forwarded-For: 192.0.2.66, 198.51.100.7\r\n");
  client.read_until("\r\n\r\n");
  EXPECT_EQ(client.read(14), "\"198.51.100.7\"");
  client.get("/peer");
  client.read_until("\r\n\r\n");
  EXPECT_EQ(client.read(11), "\"127.0.0.1\"");
}

TEST_F(ServerTest, WithoutTrustedProxiesNobodyIsBelieved) {
  start(ServerLimits{});
  Client client = connect();
  client.get("/peer", "X-Forwarded-For: 198.51.100.7\r\n");
  client.read_until("\r\n\r\n");
  EXPECT_EQ(client.read(11), "\"127.0.0.1\"");
}

TEST_F(ServerTest, APortInUseIsNamed) {
  start(ServerLimits{});
  const auto second = Server::listen({.port = server_->port(), .origins = {}, .limits = {}, .stop_on_signals = false});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::unavailable);
  EXPECT_THAT(second.error().message, HasSubstr(std::to_string(server_->port())));
}

}  // namespace
}  // namespace topoforge::http
