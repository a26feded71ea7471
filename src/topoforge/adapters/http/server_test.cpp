// The server over real sockets, with limits small enough to be met in a test.
#include "topoforge/adapters/http/server.hpp"

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

namespace topoforge::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using testing::HasSubstr;
using testing::StartsWith;

/// A client that blocks.
class Client {
 public:
  explicit Client(std::uint16_t port) { socket_.connect({asio::ip::make_address("127.0.0.1"), port}); }
  void send(const std::string& bytes) {
    boost::system::error_code ignored;  // the server may have closed
    asio::write(socket_, asio::buffer(bytes), ignored);
  }
  std::string read_until_closed() {
    std::string received;
    boost::system::error_code ignored;
    asio::read(socket_, asio::dynamic_buffer(received), ignored);
    return received;
  }
  std::string read(std::size_t bytes) {
    std::string received(bytes, '\0');
    boost::system::error_code ignored;
    received.resize(asio::read(socket_, asio::buffer(received), ignored));
    return received;
  }
  void upgrade() {
    send(
        "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
    std::string head;
    while (!head.ends_with("\r\n\r\n") && !head.ends_with("}")) head += read(1);
    ASSERT_THAT(head, StartsWith("HTTP/1.1 101 "));
  }
  /// A masked text frame of at most 125 bytes.
  void send_text(const std::string& text) {
    send(std::string("\x81") + static_cast<char>(0x80 | text.size()) + std::string(4, '\0') + text);
  }

 private:
  asio::io_context io_;
  tcp::socket socket_{io_};
};

/// Answers each message with `repeat` messages of `bytes`.
class Talkative final : public WebSocketHandler {
 public:
  explicit Talkative(WebSocketPeer& peer) : peer_(peer) {}
  Task<void> on_text(std::string text) override {
    const auto answer = std::make_shared<std::string>(text == "flood" ? std::string(100'000, 'x') : text);
    for (int i = 0; i < (text == "flood" ? 1000 : 1); ++i) peer_.send(answer);
    if (text == "throw") throw std::runtime_error("a handler that fails");
    co_return;
  }

 private:
  WebSocketPeer& peer_;
};

class ServerTest : public testing::Test {
 protected:
  void start(ServerLimits limits) {
    auto listening = Server::listen({.port = 0, .origins = {}, .limits = limits, .stop_on_signals = false});
    ASSERT_TRUE(listening) << listening.error().message;
    server_ = std::move(*listening);
    Router router;
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
    router.add_web_socket("/ws", [](const Request&, WebSocketPeer& peer) { return std::make_unique<Talkative>(peer); });
    thread_ = std::thread([this, router = std::move(router)]() mutable { server_->run(std::move(router)); });
  }
  void stop() {
    if (!thread_.joinable()) return;
    server_->stop();
    thread_.join();
  }
  void TearDown() override { stop(); }
  [[nodiscard]] Client connect() const { return Client(server_->port()); }
  /// Waits for what the server's thread will do soon.
  static bool soon(const std::function<bool()>& condition) {
    const auto end = steady_clock::now() + std::chrono::seconds(20);
    while (!condition() && steady_clock::now() < end) std::this_thread::sleep_for(milliseconds(2));
    return condition();
  }

  std::unique_ptr<Server> server_;
  std::thread thread_;
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
  EXPECT_TRUE(soon([this] { return server_->status().connections == 0; }));
}

TEST_F(ServerTest, AClientThatDoesNotReadItsAnswerIsCutOff) {
  start({.write_timeout = milliseconds(150)});
  Client client = connect();
  client.send("GET /big HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(soon([this] { return server_->status().requests == 1; }));
  EXPECT_TRUE(soon([this] { return server_->status().connections == 0; }));
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
  start({});
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
  EXPECT_TRUE(soon([this] { return server_->status().connections == 0; })) << "though it never reads";
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
  start({});
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

TEST_F(ServerTest, APortInUseIsNamed) {
  start({});
  const auto second = Server::listen({.port = server_->port(), .origins = {}, .limits = {}, .stop_on_signals = false});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::unavailable);
  EXPECT_THAT(second.error().message, HasSubstr(std::to_string(server_->port())));
}

}  // namespace
}  // namespace topoforge::http
