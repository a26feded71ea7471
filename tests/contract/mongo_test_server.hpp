#pragma once

#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "topoforge/adapters/mongo/database.hpp"

/// Purpose: a MongoDB server for the tests of one program: that of TOPOFORGE_TEST_MONGODB_URI, else one of its own
/// (tests/mongo/main.go), which ends with the program. Thread safety: one thread.
namespace topoforge {

class MongoTestServer {
 public:
  MongoTestServer() {
    if (const char* const given = std::getenv("TOPOFORGE_TEST_MONGODB_URI"); given != nullptr && *given != '\0') {
      uri_ = given;
      return;
    }
    std::string pattern = (std::filesystem::temp_directory_path() / "topoforge-mongo-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) return;
    folder_ = pattern;
    start();
  }
  ~MongoTestServer() {
    stop();
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }
  MongoTestServer(const MongoTestServer&) = delete;
  MongoTestServer& operator=(const MongoTestServer&) = delete;

  /// Of the whole program.
  static MongoTestServer& shared() {
    static MongoTestServer server;
    return server;
  }

  [[nodiscard]] const std::string& uri() const { return uri_; }
  /// What a test says that is skipped; empty: there is a server.
  [[nodiscard]] std::string missing() const {
    if (!uri_.empty()) return {};
    return "MONGODB IS NOT TESTED: neither TOPOFORGE_TEST_MONGODB_URI nor a server of ours; "
           "tests/mongo/mongo_server.py says why";
  }

  /// Only of a server of its own: is_ours().
  [[nodiscard]] bool is_ours() const { return !folder_.empty(); }
  /// As a crash stops it.
  void stop() {
    if (process_ <= 0) return;
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
    process_ = -1;
    close(input_);
  }
  /// Again on the port and with the data that it had.
  void start() {
    std::array<int, 2> in{};
    std::array<int, 2> out{};
    if (access(TOPOFORGE_MONGO_SERVER, X_OK) != 0 || pipe(in.data()) != 0 || pipe(out.data()) != 0) return;
    process_ = fork();
    if (process_ == 0) {
      dup2(in[0], STDIN_FILENO);
      dup2(out[1], STDOUT_FILENO);
      for (const int end : {in[0], in[1], out[0], out[1]}) close(end);
      execl(TOPOFORGE_MONGO_SERVER, "mongo_server", folder_.c_str(), port().c_str(), nullptr);
      _exit(127);
    }
    close(in[0]);
    close(out[1]);
    input_ = in[1];
    uri_.clear();
    for (char c = 0; read(out[0], &c, 1) == 1 && c != '\n';) uri_ += c;
    close(out[0]);
  }

  /// A name for a database of its own, so that tests may share a server.
  static std::string new_database_name() {
    static std::atomic<int> count = 0;
    return "topoforge_test_" + std::to_string(getpid()) + "_" + std::to_string(++count);
  }

 private:
  /// "27017" of "mongodb://127.0.0.1:27017/".
  [[nodiscard]] std::string port() const {
    const std::size_t colon = uri_.rfind(':');
    return uri_.empty() ? "0" : uri_.substr(colon + 1, uri_.find('/', colon) - colon - 1);
  }

  std::string uri_;
  std::filesystem::path folder_;
  pid_t process_ = -1;
  int input_ = -1;
};

/// A database that is dropped at the end.
class MongoTestDatabase {
 public:
  MongoTestDatabase() : name_(MongoTestServer::new_database_name()) {}
  ~MongoTestDatabase() {
    if (const auto database = open()) static_cast<void>((*database)->drop());
  }
  MongoTestDatabase(const MongoTestDatabase&) = delete;
  MongoTestDatabase& operator=(const MongoTestDatabase&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] Result<std::shared_ptr<mongo::Database>> open() const {
    return mongo::Database::open({.uri = MongoTestServer::shared().uri(), .name = name_});
  }

 private:
  std::string name_;
};

}  // namespace topoforge
