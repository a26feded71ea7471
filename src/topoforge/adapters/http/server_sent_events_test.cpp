#include "topoforge/adapters/http/server_sent_events.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>

namespace topoforge::http {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;

TEST(ServerSentEvents, AnEventIsWrittenLineByLine) {
  EXPECT_EQ(format_event({.data = "{}"}), "data: {}\n\n");
  EXPECT_EQ(format_event({.name = "anomaly", .data = "{}", .id = "7f", .retry = milliseconds(3000)}),
            "event: anomaly\nid: 7f\nretry: 3000\ndata: {}\n\n");
  EXPECT_EQ(format_event({.data = "a\nb\r\nc\rd\n\ne"}), "data: a\ndata: b\ndata: c\ndata: d\ndata: \ndata: e\n\n");
  EXPECT_EQ(format_event({.data = "a\n"}), "data: a\ndata: \n\n");
  EXPECT_EQ(format_event({.data = "\r\r\n"}), "data: \ndata: \ndata: \n\n");
  EXPECT_EQ(format_event({}), "data: \n\n");
  EXPECT_EQ(format_comment("up\nand well"), ": up\n: and well\n\n");
}

TEST(ServerSentEvents, WhatWouldBeReadAsAnotherFieldIsRefused) {
  for (const char* const text : {"a\nb", "a\r", "\r\n", "\ndata: forged"}) {
    EXPECT_EQ(format_event({.name = text}).error().code, ErrorCode::invalid_argument) << text;
    EXPECT_EQ(format_event({.id = text}).error().code, ErrorCode::invalid_argument) << text;
  }
  EXPECT_FALSE(format_event({.id = std::string("a\0b", 3)}));
  EXPECT_FALSE(format_event({.retry = milliseconds(-1)}));
}

class EventQueue : public testing::Test {
 protected:
  using Piece = Result<std::optional<std::string>>;

  /// What next() gives without waiting.
  static Piece next_of(asio::io_context& io, ServerSentEvents& events) {
    Piece piece = fail(ErrorCode::unavailable, "it waits");
    asio::co_spawn(io, events.next(), [&](const std::exception_ptr&, Piece given) { piece = std::move(given); });
    io.restart();
    io.poll();
    return piece;
  }
};

TEST_F(EventQueue, GivesWhatWaitsTogetherAndThenEnds) {
  asio::io_context io;
  ServerSentEvents events(io.get_executor());
  EXPECT_TRUE(events.send({.data = "1"}));
  EXPECT_TRUE(events.send({.data = "2"}));
  EXPECT_FALSE(events.send({.data = "3", .id = "\n"}));
  EXPECT_EQ(next_of(io, events), Piece("data: 1\n\ndata: 2\n\n"));
  EXPECT_TRUE(events.send({.data = "4"}));
  events.finish();
  EXPECT_TRUE(events.send({.data = "too late"}));
  EXPECT_EQ(next_of(io, events), Piece("data: 4\n\n"));
  EXPECT_EQ(next_of(io, events), Piece(std::nullopt));
}

TEST_F(EventQueue, AWaitEndsByAnEventOrByStop) {
  asio::io_context io;
  ServerSentEvents events(io.get_executor());
  std::vector<Piece> pieces;
  const auto spawn = [&] {
    asio::co_spawn(io, events.next(), [&](const std::exception_ptr&, const Piece& piece) { pieces.push_back(piece); });
    io.restart();
    io.poll();
  };
  spawn();
  EXPECT_TRUE(pieces.empty());
  EXPECT_TRUE(events.send({.data = "1"}));
  io.restart();
  io.poll();
  spawn();
  events.stop();
  io.restart();
  io.poll();
  EXPECT_THAT(pieces, testing::ElementsAre(Piece("data: 1\n\n"), Piece(std::nullopt)));
}

TEST_F(EventQueue, LargeEventsGoOneByOne) {
  asio::io_context io;
  ServerSentEvents events(io.get_executor());
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(events.send({.data = std::string(50'000, 'x')}));
  for (int i = 0; i < 3; ++i) {
    const Piece piece = next_of(io, events);
    ASSERT_TRUE(piece && *piece);
    EXPECT_EQ((*piece)->size(), 50'000U + 8U);
  }
}

TEST_F(EventQueue, SaysThatItLivesWhenNothingHappens) {
  asio::io_context io;
  ServerSentEvents events(io.get_executor(), {.heartbeat = milliseconds(1)});
  Piece piece;
  asio::co_spawn(io, events.next(), [&](const std::exception_ptr&, Piece given) { piece = std::move(given); });
  io.run_for(std::chrono::seconds(20));
  EXPECT_EQ(piece, Piece(": \n\n"));
}

TEST_F(EventQueue, AFullQueueEndsTheResponse) {
  asio::io_context io;
  ServerSentEvents by_count(io.get_executor(), {.events = 2});
  ServerSentEvents by_size(io.get_executor(), {.bytes = 20});
  for (int i = 0; i < 4; ++i) {
    EXPECT_TRUE(by_count.send({.data = "1"}));
    EXPECT_TRUE(by_size.send({.data = "1"}));
  }
  const Piece piece = next_of(io, by_count);
  ASSERT_FALSE(piece);
  EXPECT_EQ(piece.error(), (Error{ErrorCode::limit_exceeded,
                                  "2 events (18 bytes) wait for a client that reads too "
                                  "slowly"}));
  EXPECT_EQ(next_of(io, by_size).error().code, ErrorCode::limit_exceeded);
}

TEST(EventStream, IsNeitherStoredNorGatheredOnItsWay) {
  asio::io_context io;
  const Response response = event_stream(std::make_unique<ServerSentEvents>(io.get_executor()));
  EXPECT_EQ(response.content_type, "text/event-stream; charset=utf-8");
  EXPECT_THAT(response.headers, testing::Contains(testing::Pair("Cache-Control", "no-store")));
  EXPECT_NE(response.stream, nullptr);
}

}  // namespace
}  // namespace topoforge::http
