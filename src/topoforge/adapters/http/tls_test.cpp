// TLS over real sockets. The certificates are for localhost, signed by themselves, for a hundred years.
#include "topoforge/adapters/http/tls.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/asio/ssl/stream.hpp>

#include "topoforge/adapters/http/live_server_test.hpp"

namespace topoforge::http {
namespace {

namespace asio = boost::asio;
namespace ssl = asio::ssl;
using std::chrono::milliseconds;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr const char* kCertificate = R"pem(-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIUBNzCziUnKf67Vm5HwOSG4yCiaA0wCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNTIxMjcwM1oYDzIxMjYxMTAx
MjEyNzAzWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAASWHrA/fyFhYFgYLCqC6ESoWeXxgZy/KZP8JVkAhSBDbkQn0GhYkxwF
1bpUnEB6vqKCzvQU6GVY+oR5e1q8mfWLo28wbTAdBgNVHQ4EFgQUFeotjjV6DCqt
pxI2m8rYV3GrAXMwHwYDVR0jBBgwFoAUFeotjjV6DCqtpxI2m8rYV3GrAXMwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSAAwRQIgXwOsIM5CGnYw+OsDm3eKNZXCiX7xzoMvaAUaTFwzBfkCIQDk
WM6N20+k3Nak+lxE1TqQcmghqNBFKUqSy8KMbksjWA==
-----END CERTIFICATE-----
)pem";

constexpr const char* kKey = R"pem(-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgKST/QmKIZW+ZcXW+
HULxynPVDkoSPcyxVCTWcvAk3aChRANCAASWHrA/fyFhYFgYLCqC6ESoWeXxgZy/
KZP8JVkAhSBDbkQn0GhYkxwF1bpUnEB6vqKCzvQU6GVY+oR5e1q8mfWL
-----END PRIVATE KEY-----
)pem";

constexpr const char* kOtherKey = R"pem(-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg7bLuSr81t9yTJ7qP
FmQN72Wm8nFii1ET7XAtyfsbZ16hRANCAARiozTzAqYYtzZeyTmVRtVYoyvzUK3J
SYfH3UcSZPHbyWaaStuOjE6n/mF4E8B3G9r6a42dmxKbi3FH/uJWcOdB
-----END PRIVATE KEY-----
)pem";

constexpr const char* kLockedKey = R"pem(-----BEGIN EC PRIVATE KEY-----
Proc-Type: 4,ENCRYPTED
DEK-Info: AES-128-CBC,07D97DCAEC23A5154F3178C8FD4897F2

aPqvkqsES53jDRJJPF1n878iUACuS57bgm3ZEB6EK4WvNkW0bCH0PqZ54Pi00o/A
xA4UZxw47LLVqgsutwc21aFAPe4kmgI5+IVLGJ6yPRNMff/I7BVltZiO+kKFVjZ6
boT2GpDhgbMuLpKyyCg4XYB8JlbypoiUe82PXwLXVJU=
-----END EC PRIVATE KEY-----
)pem";

/// Files that live as long as the test.
class TlsFolder {
 public:
  TlsFolder() : folder_(std::filesystem::temp_directory_path() / ("topoforge-tls-" + std::to_string(getpid()))) {
    std::filesystem::create_directories(folder_);
  }
  ~TlsFolder() { std::filesystem::remove_all(folder_); }
  TlsFolder(const TlsFolder&) = delete;
  TlsFolder& operator=(const TlsFolder&) = delete;
  [[nodiscard]] std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name) << text;
    return (folder_ / name).string();
  }

 private:
  std::filesystem::path folder_;
};

TEST(Tls, FilesThatCannotBeUsedAreNamed) {
  const TlsFolder folder;
  const std::string certificate = folder.write("certificate.pem", kCertificate);
  const std::string key = folder.write("key.pem", kKey);
  EXPECT_TRUE(load_tls({.certificate = certificate, .key = key}));
  const auto message = [](const std::string& certificate_file, const std::string& key_file) {
    const auto loaded = load_tls({.certificate = certificate_file, .key = key_file});
    if (loaded) return std::string("no error");
    EXPECT_EQ(loaded.error().code, ErrorCode::invalid_argument);
    return loaded.error().message;
  };
  EXPECT_THAT(message("/nowhere/certificate.pem", key), HasSubstr("cannot use '/nowhere/certificate.pem'"));
  EXPECT_THAT(message(certificate, "/nowhere/key.pem"), HasSubstr("cannot use '/nowhere/key.pem' as the key"));
  const std::string garbage = folder.write("garbage.pem", "-----BEGIN NOTHING-----");
  EXPECT_THAT(message(garbage, key), HasSubstr(garbage));
  EXPECT_THAT(message(key, key), HasSubstr(key)) << "a key is no certificate";
  EXPECT_THAT(message(certificate, garbage), HasSubstr(garbage));
  const std::string other = folder.write("other.pem", kOtherKey);
  EXPECT_THAT(message(certificate, other), HasSubstr("mismatch")) << "the key of another certificate";
  EXPECT_THAT(message(certificate, folder.write("locked.pem", kLockedKey)), HasSubstr("without a passphrase"));
}

/// A client that trusts the certificate alone.
class TlsClient {
 public:
  explicit TlsClient(std::uint16_t port, ssl::context::options options = 0) {
    context_.set_options(options);
    SSL_CTX_set_security_level(context_.native_handle(), 0);  // so that the server is what refuses
    context_.add_certificate_authority(asio::buffer(std::string(kCertificate)));
    context_.set_verify_mode(ssl::verify_peer);
    stream_ = std::make_unique<ssl::stream<asio::ip::tcp::socket>>(io_, context_);
    stream_->next_layer().connect({asio::ip::make_address("127.0.0.1"), port});
  }
  boost::system::error_code handshake() {
    return run([this](auto done) { stream_->async_handshake(ssl::stream_base::client, done); });
  }
  void send(const std::string& bytes) {
    run([&](auto done) {
      asio::async_write(*stream_, asio::buffer(bytes),
                        [done](boost::system::error_code error, std::size_t) mutable { done(error); });
    });
  }
  std::string read_until(const std::string& end) {
    std::string received;
    end_ = run([&](auto done) {
      asio::async_read_until(*stream_, asio::dynamic_buffer(received), end,
                             [done](boost::system::error_code error, std::size_t) mutable { done(error); });
    });
    return received;
  }
  /// How the last read ended.
  [[nodiscard]] boost::system::error_code end() const { return end_; }

 private:
  template <class Start>
  boost::system::error_code run(Start start) {
    boost::system::error_code result = asio::error::timed_out;
    start([&](boost::system::error_code error) { result = error; });
    io_.restart();
    io_.run_for(kPatience);
    return result;
  }

  asio::io_context io_;
  ssl::context context_{ssl::context::tls_client};
  std::unique_ptr<ssl::stream<asio::ip::tcp::socket>> stream_;
  boost::system::error_code end_;
};

class TlsEcho final : public OneByOne {
 public:
  explicit TlsEcho(WebSocketPeer& peer) : peer_(peer) {}
  Task<void> on_text(std::string text) override {
    peer_.send(std::make_shared<std::string>(std::move(text)));
    co_return;
  }
  Task<void> on_unread(UnreadMessage) override { co_return; }

 private:
  WebSocketPeer& peer_;
};

class Pieces final : public BodyStream {
 public:
  Task<Result<std::optional<std::string>>> next() override {
    if (left_-- == 0) co_return std::nullopt;
    co_return std::string(100'000, 'x');
  }

 private:
  int left_ = 3;
};

class TlsServer : public LiveServer {
 protected:
  void begin(const ServerLimits& limits) {
    start(ServerOptions{.tls = TlsFiles{.certificate = folder_.write("certificate.pem", kCertificate),
                                        .key = folder_.write("key.pem", kKey)},
                        .limits = limits});
  }
  void add_routes(Router& router) override {
    router.add("GET", "/", [](const Request&) -> Task<Response> { co_return Response{.body = "\"ok\""}; });
    router.add("GET", "/pieces",
               [](const Request&) -> Task<Response> { co_return Response{.stream = std::make_unique<Pieces>()}; });
    router.add_web_socket("/ws", [](const Request&, WebSocketPeer& peer) { return std::make_unique<TlsEcho>(peer); });
  }

  TlsFolder folder_;
};

TEST_F(TlsServer, AnswersAndSaysGoodbye) {
  begin(ServerLimits{});
  TlsClient client(server_->port());
  ASSERT_FALSE(client.handshake());
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string answer = client.read_until("\"ok\"");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK"));
  EXPECT_THAT(answer, HasSubstr("Strict-Transport-Security: max-age=31536000\r\n"));
  client.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(client.read_until("nothing of the kind"), EndsWith("\"ok\""));
  EXPECT_EQ(client.end(), asio::error::eof) << "an end that nobody forged";
}

TEST_F(TlsServer, SendsStreamsAndGoesOn) {
  begin(ServerLimits{});
  TlsClient client(server_->port());
  ASSERT_FALSE(client.handshake());
  client.send("GET /pieces HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client.read_until("\r\n0\r\n\r\n").size(), testing::Gt(300'000U));
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client.read_until("\"ok\""), StartsWith("HTTP/1.1 200 OK"));
}

TEST_F(TlsServer, CarriesWebSockets) {
  begin(ServerLimits{});
  TlsClient client(server_->port());
  ASSERT_FALSE(client.handshake());
  client.send(
      "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
  EXPECT_THAT(client.read_until("\r\n\r\n"), StartsWith("HTTP/1.1 101 "));
  client.send(std::string("\x81\x85\0\0\0\0hello", 11));
  EXPECT_EQ(client.read_until("hello"), "\x81\x05hello");
  server_->stop();
  EXPECT_THAT(client.read_until("server stops"), HasSubstr("server stops"));
}

TEST_F(TlsServer, SpeaksNoOldVersionAndNothingPlain) {
  begin(ServerLimits{});
  TlsClient old(server_->port(), ssl::context::no_tlsv1_2 | ssl::context::no_tlsv1_3);
  EXPECT_TRUE(old.handshake());
  TlsClient last(server_->port(), ssl::context::no_tlsv1_3);
  EXPECT_FALSE(last.handshake()) << "TLS 1.2";
  Client plain = connect();
  plain.get("/");
  EXPECT_THAT(plain.read_until_closed(), Not(HasSubstr("HTTP/1.1 200")));
}

TEST_F(TlsServer, AHandshakeThatNeverComesIsCutOff) {
  begin(ServerLimits{.read_timeout = milliseconds(150)});
  Client silent = connect();
  EXPECT_EQ(silent.read_until_closed(), "");
  EXPECT_TRUE(all_closed_soon());
}

TEST_F(TlsServer, StoppingDoesNotWaitForHandshakes) {
  begin(ServerLimits{});
  Client silent = connect();
  ASSERT_TRUE(soon([this] { return server_->status().connections == 1; }));
  const auto begin_of_stop = std::chrono::steady_clock::now();
  stop();
  EXPECT_LT(std::chrono::steady_clock::now() - begin_of_stop, std::chrono::seconds(10));
}

}  // namespace
}  // namespace topoforge::http
