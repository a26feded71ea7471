// Streamed responses over real sockets, with limits small enough to be met in a test.
#include "topoforge/adapters/http/body_stream.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "topoforge/adapters/http/live_server_test.hpp"
#include "topoforge/adapters/http/server_sent_events.hpp"

namespace topoforge::http {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

using Piece = Result<std::optional<std::string>>;

/// Counts the sources that live.
class Counted {
 public:
  explicit Counted(std::atomic<int>& count) : count_(count) { ++count_; }
  ~Counted() { --count_; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;

 private:
  std::atomic<int>& count_;
};

/// "0,", "1,", ... with empty pieces between; then an end, an error or an exception.
class Numbers final : public BodyStream {
 public:
  enum class End { orderly, error, exception };
  Numbers(std::atomic<int>& living, int count, End end) : counted_(living), count_(count), end_(end) {}

  Task<Piece> next() override {
    if (pieces_ % 2 == 1) {
      ++pieces_;
      co_return "";
    }
    if (pieces_ / 2 < count_) co_return std::to_string(pieces_++ / 2) + ",";
    if (end_ == End::exception) throw std::runtime_error("a source that fails");
    if (end_ == End::error) co_return fail(ErrorCode::io, "the disk is gone");
    co_return std::nullopt;
  }

 private:
  Counted counted_;
  int pieces_ = 0;
  int count_;
  End end_;
};

/// Pieces of 1 MiB without end.
class Endless final : public BodyStream {
 public:
  explicit Endless(std::atomic<int>& living) : counted_(living) {}
  Task<Piece> next() override { co_return std::string(1U << 20U, 'x'); }

 private:
  Counted counted_;
};

using Listeners = std::set<ServerSentEvents*>;

class LiveEvents final : public ServerSentEvents {
 public:
  LiveEvents(const asio::any_io_executor& executor, EventQueueLimits limits, std::atomic<int>& living,
             Listeners& listeners)
      : ServerSentEvents(executor, limits), counted_(living), listeners_(listeners) {
    listeners_.insert(this);
  }
  ~LiveEvents() override { listeners_.erase(this); }

 private:
  Counted counted_;
  Listeners& listeners_;
};

class StreamedResponse : public LiveServer {
 protected:
  void add_numbers(Router& router, const std::string& path, Numbers::End end) {
    router.add("GET", path, [this, end](const Request&) -> Task<Response> {
      co_return Response{.content_type = "text/csv", .stream = std::make_unique<Numbers>(living_, 3, end)};
    });
  }
  void add_routes(Router& router) override {
    router.add("GET", "/", [](const Request&) -> Task<Response> { co_return Response{.body = "\"ok\""}; });
    add_numbers(router, "/numbers", Numbers::End::orderly);
    add_numbers(router, "/error", Numbers::End::error);
    add_numbers(router, "/exception", Numbers::End::exception);
    router.add("GET", "/endless", [this](const Request&) -> Task<Response> {
      co_return Response{.stream = std::make_unique<Endless>(living_)};
    });
    router.add("GET", "/events", [this](const Request&) -> Task<Response> {
      const auto executor = co_await asio::this_coro::executor;
      co_return event_stream(std::make_unique<LiveEvents>(executor, queue_limits_, living_, listeners_));
    });
    router.add("POST", "/events", [this](const Request& request) -> Task<Response> {
      for (int i = 0; i < repeat_; ++i) {
        for (ServerSentEvents* const listener : listeners_) listener->send(std::make_shared<std::string>(request.body));
      }
      co_return Response{.status = 204};
    });
  }
  void post(const std::string& event) const {
    Client client = connect();
    client.send("POST /events HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: " +
                std::to_string(event.size()) + "\r\n\r\n" + event);
    EXPECT_THAT(client.read_until_closed(), StartsWith("HTTP/1.1 204 "));
  }
  [[nodiscard]] bool lives() const {
    return soon([this] { return living_ == 1; });
  }
  [[nodiscard]] bool dies() const {
    return soon([this] { return living_ == 0; });
  }

  std::atomic<int> living_ = 0;
  Listeners listeners_;  ///< of the server's thread
  EventQueueLimits queue_limits_;
  int repeat_ = 1;
};

TEST_F(StreamedResponse, ComesInChunksAndTheConnectionGoesOn) {
  start(ServerLimits{});
  Client client = connect();
  client.get("/numbers");
  const std::string head = client.read_until("\r\n\r\n");
  EXPECT_THAT(head, StartsWith("HTTP/1.1 200 OK"));
  EXPECT_THAT(head, HasSubstr("Transfer-Encoding: chunked\r\n"));
  EXPECT_THAT(head, HasSubstr("Content-Type: text/csv\r\n"));
  EXPECT_THAT(head, Not(HasSubstr("Content-Length")));
  EXPECT_EQ(client.read_until("\r\n\r\n"), "2\r\n0,\r\n2\r\n1,\r\n2\r\n2,\r\n0\r\n\r\n");
  EXPECT_TRUE(dies());
  client.get("/");
  EXPECT_THAT(client.read(15), StartsWith("HTTP/1.1 200 OK"));
}

TEST_F(StreamedResponse, RequestsThatWaitAreAnsweredAfterIt) {
  start(ServerLimits{});
  Client client = connect();
  client.get("/numbers");
  client.get("/numbers");
  client.get("/", "Connection: close\r\n");
  const std::string all = client.read_until_closed();
  EXPECT_EQ(all.find("2,\r\n0\r\n\r\nHTTP/1.1 200 OK"), all.find("2,\r\n0\r\n\r\n"));
  EXPECT_THAT(all, EndsWith("\"ok\""));
}

TEST_F(StreamedResponse, EndsWithTheConnectionForAnOldClient) {
  start(ServerLimits{});
  Client client = connect();
  client.send("GET /numbers HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  const std::string all = client.read_until_closed();
  EXPECT_THAT(all, HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(all, Not(HasSubstr("chunked")));
  EXPECT_THAT(all, EndsWith("\r\n\r\n0,1,2,"));
  EXPECT_FALSE(client.was_reset());
}

TEST_F(StreamedResponse, HeadHasNoBody) {
  start(ServerLimits{});
  Client client = connect();
  client.send("HEAD /numbers HTTP/1.1\r\nHost: x\r\n\r\n");
  client.get("/", "Connection: close\r\n");
  const std::string all = client.read_until_closed();
  EXPECT_THAT(all, HasSubstr("Transfer-Encoding: chunked"));
  EXPECT_THAT(all, HasSubstr("\r\n\r\nHTTP/1.1 200 OK")) << "the answer to the next request follows the head";
  EXPECT_EQ(living_, 0);
}

TEST_F(StreamedResponse, AnErrorInTheMiddleShowsThatItIsCut) {
  start(ServerLimits{});
  for (const char* const path : {"/error", "/exception"}) {
    Client client = connect();
    client.get(path);
    client.read_until("2\r\n2,\r\n");
    EXPECT_EQ(client.read_until_closed(), "") << "no last chunk";
    Client old = connect();
    old.send(std::string("GET ") + path + " HTTP/1.0\r\n\r\n");
    old.read_until_closed();
    EXPECT_TRUE(old.was_reset()) << "to an old client an orderly end would be that of the body";
  }
  EXPECT_TRUE(all_closed_soon());
  EXPECT_EQ(living_, 0);
}

TEST_F(StreamedResponse, AClientThatDoesNotReadIsCutOff) {
  start(ServerLimits{.write_timeout = milliseconds(150)});
  Client client = connect();
  client.get("/endless");
  EXPECT_TRUE(soon([this] { return server_->status().slow_readers == 1; }));
  EXPECT_TRUE(all_closed_soon());
  EXPECT_EQ(living_, 0);
}

TEST_F(StreamedResponse, AClientThatGoesEndsIt) {
  start(ServerLimits{});
  {
    Client client = connect();
    client.get("/endless");
    client.read(4096);
    EXPECT_EQ(living_, 1);
  }
  EXPECT_TRUE(dies());
}

TEST_F(StreamedResponse, AnEndlessOneIsCutAtTheStop) {
  start(ServerLimits{.drain_timeout = milliseconds(100)});
  Client client = connect();
  client.get("/endless");
  client.read(4096);
  stop();
  EXPECT_EQ(living_, 0);
}

TEST_F(StreamedResponse, EventsReachWhoWaitsForThem) {
  start(ServerLimits{});
  Client client = connect();
  client.get("/events");
  EXPECT_THAT(client.read_until("\r\n\r\n"), HasSubstr("Content-Type: text/event-stream; charset=utf-8\r\n"));
  ASSERT_TRUE(lives());
  post("data: 1\n\n");
  EXPECT_EQ(client.read_until("\n\n\r\n"), "9\r\ndata: 1\n\n\r\n");
  post("data: 2\n\n");
  EXPECT_EQ(client.read_until("\n\n\r\n"), "9\r\ndata: 2\n\n\r\n");
}

TEST_F(StreamedResponse, ADeadListenerIsNoticedWithoutAnyEvent) {
  start(ServerLimits{});
  Client gone = connect();
  gone.get("/events");
  gone.read_until("\r\n\r\n");
  ASSERT_TRUE(lives());
  gone.close();
  EXPECT_TRUE(dies());
  Client half_closed = connect();
  half_closed.get("/events");
  half_closed.read_until("\r\n\r\n");
  ASSERT_TRUE(lives());
  half_closed.finish_sending();
  EXPECT_TRUE(dies());
}

TEST_F(StreamedResponse, AListenerThatSaysMoreIsNoticedByTheHeartbeat) {
  queue_limits_.heartbeat = milliseconds(5);
  start(ServerLimits{});
  Client client = connect();
  client.get("/events");
  ASSERT_TRUE(lives());
  client.get("/");
  EXPECT_THAT(client.read_until(": \n\n\r\n"), EndsWith("4\r\n: \n\n\r\n"));
  client.close();
  EXPECT_TRUE(dies());
}

TEST_F(StreamedResponse, AListenerThatReadsTooSlowlyIsCutAndCounted) {
  queue_limits_.events = 10;
  repeat_ = 11;
  start(ServerLimits{});
  Client client = connect();
  client.get("/events");
  ASSERT_TRUE(lives());
  post("data: 1\n\n");
  EXPECT_TRUE(dies());
  EXPECT_EQ(server_->status().slow_readers, 1U);
  EXPECT_THAT(client.read_until_closed(), Not(EndsWith("0\r\n\r\n")));
}

TEST_F(StreamedResponse, EventsEndInOrderAtTheStop) {
  start(ServerLimits{});
  Client client = connect();
  client.get("/events");
  client.read_until("\r\n\r\n");
  ASSERT_TRUE(lives());
  const auto begin = std::chrono::steady_clock::now();
  stop();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
  EXPECT_EQ(client.read_until_closed(), "0\r\n\r\n");
}

}  // namespace
}  // namespace topoforge::http
