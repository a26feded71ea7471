// WebSockets over real sockets, byte by byte, with limits small enough to be met in a test.
#include "topoforge/adapters/http/web_socket.hpp"

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "topoforge/adapters/http/live_server_test.hpp"

namespace topoforge::http {
namespace {

using std::chrono::milliseconds;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr int kText = 0x81;
constexpr int kBinary = 0x82;
constexpr int kPong = 0x8a;

/// A masked frame; announced: the length that it claims, where it is not that of the payload.
std::string frame(int first_byte, const std::string& payload, std::size_t announced = 0) {
  const std::size_t size = announced > 0 ? announced : payload.size();
  std::string bytes(1, static_cast<char>(first_byte));
  if (size < 126) {
    bytes.push_back(static_cast<char>(0x80 | size));
  } else {
    bytes.push_back(size < 65536 ? '\xfe' : '\xff');
    for (int shift = size < 65536 ? 8 : 56; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(size >> shift));
  }
  return bytes + std::string(4, '\0') + payload;
}

/// A frame of at most 125 bytes as the server sends it.
std::string told(const std::string& text) { return "\x81" + std::string(1, static_cast<char>(text.size())) + text; }

/// Says back what it hears.
class Echo final : public OneByOne {
 public:
  explicit Echo(WebSocketPeer& peer) : peer_(peer) {}
  Task<void> on_text(std::string text) override {
    peer_.send(std::make_shared<std::string>(std::move(text)));
    co_return;
  }
  Task<void> on_unread(UnreadMessage message) override {
    const bool too_long = message.reason == UnreadMessage::Reason::too_long;
    peer_.send(std::make_shared<std::string>((too_long ? "long " : "binary ") + std::to_string(message.bytes)));
    co_return;
  }

 private:
  WebSocketPeer& peer_;
};

class WebSockets : public LiveServer {
 protected:
  void add_routes(Router& router) override {
    const WebSocketOpener open = [](const Request&, WebSocketPeer& peer) { return std::make_unique<Echo>(peer); };
    router.add_web_socket("/ws", open);
    using Admitted = tl::expected<WebSocketAdmission, Response>;
    const WebSocketGate gate = [open](const Request& request) -> Task<Admitted> {
      if (request.header("Authorization") == "throw") throw std::runtime_error("a gate that fails");
      if (request.header("Authorization") != "Bearer good") {
        Response refused = error_response(401, "Not authenticated");
        refused.headers = {{"WWW-Authenticate", "Bearer"}};
        co_return tl::unexpected(std::move(refused));
      }
      WebSocketAdmission admission{.opener = open, .subprotocol = "topoforge.v1"};
      if (request.path == "/brief") {
        admission.still_admitted = [asked = std::make_shared<int>(0)]() -> Task<bool> { co_return ++*asked < 3; };
        admission.admitted_for = std::chrono::milliseconds(20);
      }
      co_return std::move(admission);
    };
    router.add_web_socket("/guarded", gate);
    router.add_web_socket("/brief", gate);
    router.add_web_socket("/broken", [](const Request&, WebSocketPeer& peer) -> std::unique_ptr<WebSocketHandler> {
      peer.send(std::make_shared<std::string>("never seen"));
      throw std::runtime_error("an opener that fails");
    });
  }
  /// What an opening is answered with when it is refused.
  [[nodiscard]] std::string refused(const std::string& authorization) const {
    Client client = connect();
    client.send(
        "GET /guarded HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nAuthorization: " +
        authorization + "\r\n\r\n");
    return client.read_until_closed();
  }
};

TEST_F(WebSockets, AGateAnswersBeforeTheConnectionIsOne) {
  start(ServerLimits{});
  const std::string answer = refused("Bearer bad");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 401 "));
  EXPECT_THAT(answer, HasSubstr("WWW-Authenticate: Bearer\r\n"));
  EXPECT_THAT(answer, EndsWith(R"({"detail":"Not authenticated"})"));
  EXPECT_THAT(refused("throw"), StartsWith("HTTP/1.1 500 "));
  Client client = connect();
  const std::string head = client.upgrade("Authorization: Bearer good\r\n", "/guarded");
  EXPECT_THAT(head, HasSubstr("Sec-WebSocket-Protocol: topoforge.v1\r\n"));
  client.send(frame(kText, "hello"));
  EXPECT_EQ(client.read(7), told("hello"));
}

TEST_F(WebSockets, AConnectionEndsWithTheRightToIt) {
  start(ServerLimits{});
  Client client = connect();
  client.upgrade("Authorization: Bearer good\r\n", "/brief");
  client.send(frame(kText, "hello"));
  EXPECT_EQ(client.read(7), told("hello"));
  EXPECT_THAT(client.read(4), StartsWith("\x88\x16\x03\xf0")) << "a close frame of code 1008";
  EXPECT_EQ(client.read(20), "not allowed any more");
}

TEST_F(WebSockets, AnOpenerThatFailsEndsItsConnectionAlone) {
  start(ServerLimits{});
  Client broken = connect();
  broken.upgrade({}, "/broken");
  EXPECT_EQ(broken.read_until_closed(), "");
  Client client = connect();
  client.upgrade();
  client.send(frame(kText, "hello"));
  EXPECT_EQ(client.read(7), told("hello"));
}

TEST_F(WebSockets, AMessageThatIsTooLongIsSkippedAndTheConnectionLives) {
  start(ServerLimits{.message_bytes = 200'000, .skipped_message_bytes = 1'000'000});
  Client client = connect();
  client.upgrade();
  client.send(frame(kText, std::string(200'001, 'x')));
  EXPECT_EQ(client.read(13), told("long 200001"));
  client.send(frame(kText, std::string(1'000'000, 'x')));
  EXPECT_EQ(client.read(14), told("long 1000000"));
  // In pieces: none of them too long.
  client.send(frame(0x01, std::string(150'000, 'x')));
  client.send(frame(0x80, std::string(150'000, 'x')));
  EXPECT_EQ(client.read(13), told("long 300000"));
  client.send(frame(kText, "short"));
  EXPECT_EQ(client.read(7), told("short"));
}

TEST_F(WebSockets, AMessageWithoutEndClosesTheConnection) {
  start(ServerLimits{.message_bytes = 1000, .skipped_message_bytes = 10'000});
  Client announced = connect();
  announced.upgrade();
  announced.send(frame(kText, "x", std::size_t{1} << 40U));
  EXPECT_EQ(announced.read(4), std::string("\x88\x02\x03\xf1", 4)) << "1009, too big";
  Client pieces = connect();
  pieces.upgrade();
  pieces.send(frame(0x01, std::string(6000, 'x')));
  pieces.send(frame(0x00, std::string(6000, 'x')));
  EXPECT_EQ(pieces.read(4), std::string("\x88\x02\x03\xf1", 4));
}

TEST_F(WebSockets, ABinaryMessageIsRefusedAndTheConnectionLives) {
  start(ServerLimits{});
  Client client = connect();
  client.upgrade();
  client.send(frame(kBinary, std::string("\0\xff\x01", 3)));
  EXPECT_EQ(client.read(10), told("binary 3"));
  client.send(frame(kText, "text"));
  EXPECT_EQ(client.read(6), told("text"));
}

TEST_F(WebSockets, TextThatIsNoUtf8EndsTheConnection) {
  start(ServerLimits{});
  for (const char* text : {"\xff", "\xc3\x28", "\xed\xa0\x80", "cut \xc3"}) {
    Client client = connect();
    client.upgrade();
    client.send(frame(kText, text));
    EXPECT_EQ(client.read(4), std::string("\x88\x02\x03\xef", 4)) << "1007, " << testing::PrintToString(text);
  }
  Client client = connect();
  client.upgrade();
  client.send(frame(0x01, "\xc3"));
  client.send(frame(0x80, "\xa9"));
  EXPECT_EQ(client.read(4), told("\xc3\xa9")) << "a character may be cut between frames";
}

TEST_F(WebSockets, FramesThatAreNoneEndTheConnection) {
  start(ServerLimits{});
  for (const std::string& bytes :
       {std::string("\x81\x01x"),  // not masked
        frame(0xc1, "reserved bit"), frame(0x83, "reserved opcode"), frame(0x09, "ping in pieces"),
        frame(0x89, std::string(126, 'p')), frame(0x80, "nothing to continue")}) {
    Client client = connect();
    client.upgrade();
    client.send(bytes);
    EXPECT_EQ(client.read(4), std::string("\x88\x02\x03\xea", 4)) << "1002, " << testing::PrintToString(bytes);
  }
  EXPECT_TRUE(all_closed_soon());
}

TEST_F(WebSockets, APeerThatAnswersNoPingIsDropped) {
  start(ServerLimits{.idle_timeout = milliseconds(200), .close_timeout = milliseconds(100)});
  Client silent = connect();
  silent.upgrade();
  EXPECT_EQ(silent.read(1), "\x89") << "a ping";
  EXPECT_TRUE(all_closed_soon());
}

TEST_F(WebSockets, APeerThatAnswersPingsIsKept) {
  start(ServerLimits{.idle_timeout = milliseconds(200)});
  Client client = connect();
  client.upgrade();
  for (int i = 0; i < 5; ++i) {
    ASSERT_EQ(client.read(2), std::string("\x89\x00", 2)) << i;
    client.send(frame(kPong, ""));
  }
  EXPECT_EQ(server_->status().connections, 1U);
  client.send(frame(kText, "still here"));
  EXPECT_THAT(client.read(12), HasSubstr("still here"));
}

TEST_F(WebSockets, NoCompressionIsOffered) {
  start(ServerLimits{});
  Client client = connect();
  EXPECT_THAT(client.upgrade("Sec-WebSocket-Extensions: permessage-deflate\r\n"),
              Not(HasSubstr("Sec-WebSocket-Extensions")));
}

TEST_F(WebSockets, DataBeforeTheAnswerIsRefused) {
  start(ServerLimits{});
  Client client = connect();
  client.send(
      "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n" +
      frame(kText, "early"));
  EXPECT_THAT(client.read_until_closed(), StartsWith("HTTP/1.1 400 "));
}

}  // namespace
}  // namespace topoforge::http
