// How requests are read: hostile and unlucky bytes over real sockets, with limits small enough to be met in a test.
#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "topoforge/adapters/http/live_server_test.hpp"

namespace topoforge::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

class RequestReading : public LiveServer {
 protected:
  void add_routes(Router& router) override {
    router.add("GET", "/", [](const Request&) -> Task<Response> { co_return Response{.body = "\"ok\""}; });
    router.add("POST", "/echo", [](const Request& request) -> Task<Response> {
      co_return Response{.body = request.body, .content_type = "text/plain"};
    });
    router.add("GET", "/host", [](const Request& request) -> Task<Response> {
      co_return Response{.body = std::string(request.header("Host"))};
    });
    router.add("POST", "/headers", [](const Request& request) -> Task<Response> {
      std::string names;
      for (const auto& [name, value] : request.headers) names += name + ";";
      co_return Response{.body = names};
    });
  }
  /// What the server sends to these bytes until it closes.
  [[nodiscard]] std::string answer(const std::string& bytes) const {
    Client client = connect();
    client.send(bytes);
    return client.read_until_closed();
  }
  /// While the client sends one byte after another, without an end.
  [[nodiscard]] bool all_are_closed_while_it_trickles(Client& client) const {
    std::atomic<bool> done = false;
    std::thread trickle([&] {
      while (!done) {
        client.send("a");
        std::this_thread::sleep_for(milliseconds(20));
      }
    });
    const bool closed = all_closed_soon();
    done = true;
    trickle.join();
    return closed;
  }
};

constexpr const char* kChunked = "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
const std::string kClose = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

TEST_F(RequestReading, AMalformedRequestIsRefusedAndTheConnectionEnds) {
  start(ServerLimits{.read_timeout = milliseconds(5000)});
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"GET /\r\n", "400"},
      {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505"},
      {"\x16\x03\x01\x02", "400"},
      {"GET / HTTP/1.1\n\n", "400"},
      {"GET / HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n", "400"},
      {"GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n", "400"},
      {"GET / HTTP/1.1\r\nHost: x\r\nA B: c\r\n\r\n", "400"},
      {std::string("GET / HTTP/1.1\r\nHost: x\r\nA: b\0c\r\n\r\n", 35), "400"},
      {"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", "400"},
      {"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"},
      {"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "501"},
      {"POST /echo HTTP/1.1\r\nHost: x\r\nExpect: magic\r\nContent-Length: 1\r\n\r\n", "417"},
      {"GET /" + std::string(9000, 'a') + " HTTP/1.1\r\n", "414"},
      {"GET /a%2fb HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
      {"GET /../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
      {"GET /%2e%2e/ HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
      {"GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
      {"GET /%ff HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
      {"CONNECT example.org:443 HTTP/1.1\r\nHost: example.org\r\n\r\n", "400"},
      {"BREW / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "405"},
      {"get / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "405"},
      {std::string(kChunked) + "zz\r\n", "400"},
      {std::string(kChunked) + "5\r\nhelloX\r\n0\r\n\r\n", "400"},
      {std::string(kChunked) + "11111111111111111\r\n", "400"},
      {std::string(kChunked) + "-1\r\n", "400"},
      {std::string(kChunked) + "5;a=\"\n\"\r\nhello\r\n0\r\n\r\n", "400"},
      {std::string(kChunked) + "5 x\r\nhello\r\n0\r\n\r\n", "400"},
      {std::string(kChunked) + "5\nhello\r\n0\r\n\r\n", "400"},
      {std::string(kChunked) + "5;" + std::string(20'000, 'a') + "\r\nhello\r\n0\r\n\r\n", "400"},
      {std::string(kChunked) + "5;" + std::string(200'000, 'a'), "400"},
      {std::string(kChunked) + "0\r\n" + std::string(200'000, 'a'), "400"},
      {std::string(kChunked) + "ffffffff\r\n", "413"},
  };
  for (const auto& [bytes, status] : cases) {
    // What follows is not taken for a request of its own.
    const std::string received = answer(bytes + kClose);
    EXPECT_THAT(received, StartsWith("HTTP/1.1 " + status + " ")) << testing::PrintToString(bytes.substr(0, 200));
    EXPECT_EQ(count(received, "Server: topoforge"), 1U) << testing::PrintToString(bytes.substr(0, 200));
    EXPECT_THAT(received, HasSubstr("Connection: close\r\n"));
    EXPECT_THAT(received, HasSubstr(R"({"detail":")"));
  }
}

TEST_F(RequestReading, ARequestInABodyIsABody) {
  start(ServerLimits{});
  const std::string hidden = "GET /host HTTP/1.1\r\nHost: hidden\r\n\r\n";
  const std::string sized =
      "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(hidden.size()) + "\r\n\r\n" + hidden;
  std::string received = answer(sized + kClose);
  EXPECT_EQ(count(received, "HTTP/1.1 200 OK"), 2U);
  EXPECT_THAT(received, HasSubstr("\r\n\r\n" + hidden + "HTTP/1.1 200 OK"));
  const std::string chunked = std::string(kChunked) + "24\r\n" + hidden + "\r\n0\r\n\r\n";
  ASSERT_EQ(hidden.size(), 0x24U);
  received = answer(chunked + kClose);
  EXPECT_EQ(count(received, "HTTP/1.1 200 OK"), 2U);
  EXPECT_THAT(received, HasSubstr("\r\n\r\n" + hidden + "HTTP/1.1 200 OK"));
}

TEST_F(RequestReading, ChunksMayHaveExtensionsAndATrailerWhichMeanNothing) {
  start(ServerLimits{});
  std::string request = kChunked;
  request.replace(request.find("/echo"), 5, "/headers");
  const std::string received =
      answer(request + "2;a=b;c=\"d\"\r\nab\r\n00001\r\nc\r\n0;e\r\nAuthorization: x\r\n\r\n" + kClose);
  EXPECT_THAT(received, HasSubstr("Host;Transfer-Encoding;HTTP/1.1 200 OK")) << "a trailer is no header";
  EXPECT_THAT(answer(std::string(kChunked) + "2;a=b\r\nab\r\n1\r\nc\r\n0\r\n\r\n" + kClose),
              HasSubstr("\r\n\r\nabcHTTP/1.1"));
}

TEST_F(RequestReading, BytesMayComeOneByOne) {
  start(ServerLimits{});
  Client client = connect();
  for (const char c : std::string(kChunked) + "2\r\nab\r\n1\r\nc\r\n0\r\n\r\n" + kClose) client.send(std::string(1, c));
  EXPECT_THAT(client.read_until_closed(), HasSubstr("\r\n\r\nabcHTTP/1.1 200 OK"));
}

TEST_F(RequestReading, TheAbsoluteFormSaysTheHost) {
  start(ServerLimits{});
  EXPECT_THAT(answer("GET http://name:81/host HTTP/1.1\r\nHost: other\r\nConnection: close\r\n\r\n"),
              EndsWith("\r\n\r\nname:81"));
  EXPECT_THAT(answer("GET http://user@name.example/host HTTP/1.1\r\nHost: other\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
}

TEST_F(RequestReading, EmptyLinesBeforeARequestAreSkipped) {
  start(ServerLimits{});
  EXPECT_THAT(answer("\r\n\r\n" + kClose), StartsWith("HTTP/1.1 200 OK"));
  EXPECT_THAT(answer("\r\r\n" + kClose), StartsWith("HTTP/1.1 400 "));
}

TEST_F(RequestReading, LimitsAreToldByTheirStatus) {
  start(ServerLimits{.header_bytes = 500, .header_fields = 3, .target_bytes = 100, .body_bytes = 10});
  EXPECT_THAT(answer("GET /" + std::string(200, 'a')), StartsWith("HTTP/1.1 414 "));
  EXPECT_THAT(answer("GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(600, 'a')), StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(answer("GET / HTTP/1.1\r\nHost: x\r\nA: a\r\nB: b\r\nC: c\r\n"), StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(answer("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n"), StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(answer(std::string(kChunked) + "6\r\nabcdef\r\n5\r\n"), StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(answer("POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 11\r\n\r\n"),
              StartsWith("HTTP/1.1 413 "))
      << "before the body is asked for";
}

TEST_F(RequestReading, AHeaderThatTricklesIsCutOffInTheWholeTime) {
  start(ServerLimits{.read_timeout = milliseconds(200)});
  Client client = connect();
  const auto begin = steady_clock::now();
  client.send("GET / HTTP/1.1\r\nHost: x\r\n");
  EXPECT_TRUE(all_are_closed_while_it_trickles(client));
  EXPECT_LT(steady_clock::now() - begin, std::chrono::seconds(5));
}

TEST_F(RequestReading, ABodyThatTricklesIsCutOffInTheWholeTime) {
  start(ServerLimits{.read_timeout = milliseconds(200)});
  Client client = connect();
  client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n");
  EXPECT_TRUE(all_are_closed_while_it_trickles(client));
}

TEST_F(RequestReading, AnIdleConnectionIsKeptForATime) {
  start(ServerLimits{.keep_alive_timeout = milliseconds(150)});
  Client client = connect();
  client.get("/");
  client.read_until("\"ok\"");
  const auto begin = steady_clock::now();
  EXPECT_EQ(client.read_until_closed(), "");
  EXPECT_GE(steady_clock::now() - begin, milliseconds(100));
}

TEST_F(RequestReading, AnOldClientIsToldThatItsConnectionIsKept) {
  start(ServerLimits{});
  Client client = connect();
  client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_THAT(client.read_until("\"ok\""), HasSubstr("Connection: keep-alive\r\n"));
  client.send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_THAT(client.read_until_closed(), HasSubstr("Connection: close\r\n"));
}

}  // namespace
}  // namespace topoforge::http
