#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include "topoforge/adapters/http/server.hpp"
#include "topoforge/adapters/http/web_socket.hpp"

/// Purpose: for the tests: a server on a thread of its own, and a client of bytes.
namespace topoforge::http {

/// What a test waits for at most.
inline constexpr std::chrono::seconds kPatience{20};

/// A client that waits. Tests are about what comes back, so errors of its own are not told.
class Client {
 public:
  explicit Client(std::uint16_t port) { socket_.connect({boost::asio::ip::make_address("127.0.0.1"), port}); }

  void send(const std::string& bytes) {
    boost::system::error_code ignored;  // the server may have closed
    boost::asio::write(socket_, boost::asio::buffer(bytes), ignored);
  }
  void finish_sending() {
    boost::system::error_code ignored;
    socket_.shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
  }
  void close() { socket_.close(); }
  std::string read_until_closed() {
    while (receive(boost::asio::transfer_at_least(1))) {
    }
    return std::exchange(received_, {});
  }
  std::string read(std::size_t bytes) {
    if (received_.size() < bytes) receive(boost::asio::transfer_exactly(bytes - received_.size()));
    return take(bytes);
  }
  /// Up to and with the end; all there is when it does not come.
  std::string read_until(const std::string& end) {
    std::size_t found = received_.find(end);
    while (found == std::string::npos && receive(boost::asio::transfer_at_least(1))) found = received_.find(end);
    return take(found == std::string::npos ? received_.size() : found + end.size());
  }
  /// Whether the connection ended by a reset instead of an orderly end.
  [[nodiscard]] bool was_reset() const { return error_ == boost::asio::error::connection_reset; }

  void get(const std::string& path, const std::string& headers = {}) {
    send("GET " + path + " HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n");
  }
  std::string upgrade(const std::string& headers = {}, const std::string& path = "/ws") {
    send("GET " + path + " HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n" + headers + "\r\n");
    std::string head = read_until("\r\n\r\n");
    EXPECT_THAT(head, testing::StartsWith("HTTP/1.1 101 "));
    return head;
  }
  /// A masked text frame of at most 125 bytes.
  void send_text(const std::string& text) {
    send(std::string("\x81") + static_cast<char>(0x80 | text.size()) + std::string(4, '\0') + text);
  }

 private:
  template <class Condition>
  bool receive(Condition condition) {
    bool done = false;
    boost::asio::async_read(socket_, boost::asio::dynamic_buffer(received_), condition,
                            [&](boost::system::error_code error, std::size_t) {
                              error_ = error;
                              done = true;
                            });
    io_.restart();
    io_.run_for(kPatience);
    if (!done) {
      ADD_FAILURE() << "the server neither answers nor closes";
      socket_.cancel();
      io_.restart();
      io_.run();
    }
    return !error_;
  }
  std::string take(std::size_t bytes) {
    std::string taken = received_.substr(0, bytes);
    received_.erase(0, taken.size());
    return taken;
  }

  boost::asio::io_context io_;
  boost::asio::ip::tcp::socket socket_{io_};
  boost::system::error_code error_;
  std::string received_;
};

/// Handles each message by itself.
class OneByOne : public WebSocketHandler {
 public:
  Task<void> on_messages(std::vector<WebSocketMessage> messages) final {
    for (WebSocketMessage& message : messages) {
      if (auto* const text = std::get_if<std::string>(&message)) {
        co_await on_text(std::move(*text));
      } else {
        co_await on_unread(std::get<UnreadMessage>(std::move(message)));
      }
    }
  }

 protected:
  virtual Task<void> on_text(std::string text) = 0;
  virtual Task<void> on_unread(UnreadMessage message) = 0;
};

class LiveServer : public testing::Test {
 protected:
  /// Runs a server with the routes that add_routes() gives.
  void start(const ServerLimits& limits) { start(ServerOptions{.limits = limits}); }
  void start(ServerOptions options) {
    options.port = 0;
    options.stop_on_signals = false;
    auto listening = Server::listen(std::move(options));
    ASSERT_TRUE(listening) << listening.error().message;
    server_ = std::move(*listening);
    Router router;
    add_routes(router);
    thread_ = std::thread([this, router = std::move(router)]() mutable { server_->run(std::move(router)); });
  }
  void stop() {
    if (!thread_.joinable()) return;
    server_->stop();
    thread_.join();
  }
  void TearDown() override { stop(); }
  virtual void add_routes(Router& router) = 0;

  [[nodiscard]] Client connect() const { return Client(server_->port()); }
  /// Waits for what the server's thread will do soon.
  static bool soon(const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + kPatience;
    while (!condition() && std::chrono::steady_clock::now() < end) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return condition();
  }
  [[nodiscard]] bool all_closed_soon() const {
    return soon([this] { return server_->status().connections == 0; });
  }

  std::unique_ptr<Server> server_;
  std::thread thread_;
};

}  // namespace topoforge::http
