#include "topoforge/adapters/file/secret_file.hpp"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace topoforge {
namespace {

using testing::HasSubstr;
using testing::Not;

/// Tokens that differ by process and call; each test knows them.
class CountingRandom final : public SecureRandom {
 public:
  Result<std::string> bytes(std::size_t count) override { return std::string(count, 'r'); }
  Result<std::string> url_safe_token(std::size_t bytes) override {
    return fmt::format("{:08}-{:08}-{}", ::getpid(), next_++, std::string(bytes, 't'));
  }

 private:
  std::atomic<int> next_ = 0;
};

class NoRandom final : public SecureRandom {
 public:
  Result<std::string> bytes(std::size_t) override { return fail(ErrorCode::unavailable, "none"); }
  Result<std::string> url_safe_token(std::size_t) override { return fail(ErrorCode::unavailable, "none"); }
};

class SecretFileTest : public testing::Test {
 protected:
  SecretFileTest() : folder_(testing::TempDir() + "secret_file_" + std::to_string(::getpid())) {
    std::filesystem::create_directories(folder_);
  }
  ~SecretFileTest() override { std::filesystem::remove_all(folder_); }

  void put(const std::string& text, mode_t mode) {
    std::ofstream(path_) << text;
    ASSERT_EQ(::chmod(path_.c_str(), mode), 0);
  }
  [[nodiscard]] std::ptrdiff_t files() const {
    return std::distance(std::filesystem::directory_iterator(folder_), std::filesystem::directory_iterator());
  }

  std::string folder_;
  std::string path_ = folder_ + "/jwt_secret";
  CountingRandom random_;
};

TEST_F(SecretFileTest, ASecretIsMadeOnceForItsUserAlone) {
  const mode_t mask = ::umask(0);
  const auto made = load_or_make_secret(path_, random_);
  ::umask(mask);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_GE(made->size(), kMinSecretBytes);
  struct stat status {};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600U);
  EXPECT_EQ(files(), 1) << "nothing else is left in the folder";
  EXPECT_EQ(load_or_make_secret(path_, random_), made);
}

TEST_F(SecretFileTest, ASecretOfTheUserIsTakenWithoutItsLineEnd) {
  const std::string secret(kMinSecretBytes, 's');
  for (const std::string end : {"", "\n", "\r\n"}) {
    put(secret + end, 0600);
    EXPECT_EQ(load_or_make_secret(path_, random_), secret);
  }
  put(secret + "\n", 0400);
  EXPECT_EQ(load_or_make_secret(path_, random_), secret);
  put(std::string(kMaxSecretBytes, 's') + "\r\n", 0600);
  EXPECT_EQ(load_or_make_secret(path_, random_), std::string(kMaxSecretBytes, 's'));
}

TEST_F(SecretFileTest, AFileThatOthersMayUseIsRefused) {
  for (const mode_t mode : {0644U, 0640U, 0604U, 0620U, 0602U, 0777U}) {
    put(std::string(kMinSecretBytes, 's'), mode);
    const auto refused = load_or_make_secret(path_, random_);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::invalid_data);
    EXPECT_THAT(refused.error().message,
                HasSubstr(fmt::format("{}: others may use the secret (mode {:04o}); wanted 0600", path_, mode)));
    EXPECT_THAT(refused.error().message, Not(HasSubstr("sss")));
  }
}

TEST_F(SecretFileTest, AFileOfAnotherUserIsRefused) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  put(std::string(kMinSecretBytes, 's'), 0600);
  ASSERT_EQ(::chown(path_.c_str(), 12345, 12345), 0);
  const auto refused = load_or_make_secret(path_, random_);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("the secret belongs to user 12345; wanted user 0"));
}

TEST_F(SecretFileTest, ATextThatIsTooShortOrTooLongIsRefused) {
  for (const std::string& text : {std::string(), std::string("\n"), std::string(kMinSecretBytes - 1, 's') + "\n"}) {
    put(text, 0600);
    const auto refused = load_or_make_secret(path_, random_);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::invalid_data);
    EXPECT_THAT(refused.error().message, HasSubstr("bytes; wanted 32 to 4096: write one there with `openssl rand"));
  }
  put(std::string(1 << 20, 's'), 0600);
  const auto refused = load_or_make_secret(path_, random_);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("a secret of more than 4096 bytes"));
}

TEST_F(SecretFileTest, WhatIsNoRegularFileIsRefused) {
  std::filesystem::create_directory(path_);
  EXPECT_FALSE(load_or_make_secret(path_, random_));
  std::filesystem::remove(path_);
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  const auto pipe = load_or_make_secret(path_, random_);
  ASSERT_FALSE(pipe);
  EXPECT_THAT(pipe.error().message, HasSubstr("a secret must be a regular file"));
}

TEST_F(SecretFileTest, WhatCannotBeMadeIsNamed) {
  const auto nowhere = load_or_make_secret(folder_ + "/none/jwt_secret", random_);
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(nowhere.error().code, ErrorCode::io);
  EXPECT_THAT(nowhere.error().message, HasSubstr("/none/jwt_secret: cannot make the secret: No such file"));
  NoRandom none;
  EXPECT_EQ(load_or_make_secret(path_, none).error().code, ErrorCode::unavailable);
  EXPECT_EQ(files(), 0);
}

TEST_F(SecretFileTest, ALinkThatLeadsNowhereIsNotFollowed) {
  std::filesystem::create_symlink(folder_ + "/elsewhere", path_);
  const auto refused = load_or_make_secret(path_, random_);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("a link that leads nowhere"));
  EXPECT_EQ(files(), 1);
}

TEST_F(SecretFileTest, ThreadsThatStartAtOnceAgree) {
  for (int round = 0; round < 20; ++round) {
    std::vector<std::string> got(8);
    std::vector<std::thread> threads;
    std::atomic<bool> go = false;
    for (std::string& secret : got) {
      threads.emplace_back([&] {
        while (!go) std::this_thread::yield();
        secret = load_or_make_secret(path_, random_).value_or("");
      });
    }
    go = true;
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(std::set<std::string>(got.begin(), got.end()).size(), 1U);
    EXPECT_GE(got[0].size(), kMinSecretBytes);
    EXPECT_EQ(files(), 1);
    std::filesystem::remove(path_);
  }
}

/// What a child found, through a pipe; it starts when the write end of `gate` is closed.
void answer_in_child(const std::string& path, SecureRandom& random, const int (&gate)[2], int answer) {
  char byte = 0;
  ::close(gate[1]);
  while (::read(gate[0], &byte, 1) > 0) {
  }
  const std::string secret = load_or_make_secret(path, random).value_or("none") + "\n";
  const bool written = ::write(answer, secret.data(), secret.size()) == static_cast<ssize_t>(secret.size());
  ::_exit(written ? 0 : 1);
}

TEST_F(SecretFileTest, ProcessesThatStartAtOnceAgree) {
  int gate[2];
  int answers[2];
  ASSERT_EQ(::pipe(gate), 0);
  ASSERT_EQ(::pipe(answers), 0);
  constexpr int kProcesses = 8;
  for (int i = 0; i < kProcesses; ++i) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) answer_in_child(path_, random_, gate, answers[1]);
  }
  ::close(gate[0]);
  ::close(gate[1]);
  ::close(answers[1]);
  for (int i = 0; i < kProcesses; ++i) {
    int status = 0;
    ASSERT_GT(::wait(&status), 0);
    EXPECT_EQ(status, 0);
  }
  std::string text(1 << 16, '\0');
  std::size_t size = 0;
  for (ssize_t got = 0; (got = ::read(answers[0], text.data() + size, text.size() - size)) > 0;) {
    size += static_cast<std::size_t>(got);
  }
  ::close(answers[0]);
  text.resize(size);
  const std::string line = text.substr(0, text.find('\n') + 1);
  ASSERT_GT(line.size(), kMinSecretBytes);
  std::string expected;
  for (int i = 0; i < kProcesses; ++i) expected += line;
  EXPECT_EQ(text, expected);
  EXPECT_EQ(files(), 1);
}

}  // namespace
}  // namespace topoforge
