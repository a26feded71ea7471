#include "topoforge/adapters/file/output_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace topoforge {
namespace {

using testing::HasSubstr;

class OutputFileTest : public testing::Test {
 protected:
  OutputFileTest() : folder_(testing::TempDir() + "output_file_" + std::to_string(::getpid())) {
    std::filesystem::create_directories(folder_);
  }
  ~OutputFileTest() override { std::filesystem::remove_all(folder_); }

  static std::string content(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  [[nodiscard]] std::ptrdiff_t files() const {
    return std::distance(std::filesystem::directory_iterator(folder_), std::filesystem::directory_iterator());
  }

  std::string folder_;
};

TEST_F(OutputFileTest, FileAppearsWholeAtCommit) {
  const std::string path = folder_ + "/out";
  std::ofstream(path) << "old";
  ::chmod(path.c_str(), 0640);
  auto output = OutputFile::create(path);
  ASSERT_TRUE(output);
  ASSERT_TRUE(output->write(std::string(100'000, 'x')));
  EXPECT_EQ(content(path), "old");
  ASSERT_TRUE(output->commit());
  EXPECT_EQ(content(path), std::string(100'000, 'x'));
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0640U);
  EXPECT_EQ(files(), 1);
}

TEST_F(OutputFileTest, WithoutCommitNothingIsLeft) {
  {
    auto output = OutputFile::create(folder_ + "/out");
    ASSERT_TRUE(output);
    ASSERT_TRUE(output->write(std::string(100'000, 'x')));
  }
  EXPECT_EQ(files(), 0);
}

TEST_F(OutputFileTest, SymbolicLinkStaysALink) {
  std::ofstream(folder_ + "/target") << "old";
  std::filesystem::create_symlink(folder_ + "/target", folder_ + "/link");
  auto output = OutputFile::create(folder_ + "/link");
  ASSERT_TRUE(output && output->write("new") && output->commit());
  EXPECT_TRUE(std::filesystem::is_symlink(folder_ + "/link"));
  EXPECT_EQ(content(folder_ + "/target"), "new");
}

TEST_F(OutputFileTest, WhatCannotBeWrittenIsNamed) {
  const auto nowhere = OutputFile::create(folder_ + "/none/out");
  ASSERT_FALSE(nowhere);
  EXPECT_THAT(nowhere.error().message, HasSubstr("/none/out: cannot write: No such file or directory"));
  EXPECT_FALSE(OutputFile::create(folder_)) << "a folder";
}

TEST_F(OutputFileTest, FullDiskIsAnError) {
  auto full = OutputFile::create("/dev/full");
  ASSERT_TRUE(full);
  ASSERT_TRUE(full->write("x"));
  const auto committed = full->commit();
  ASSERT_FALSE(committed);
  EXPECT_EQ(committed.error().message, "/dev/full: cannot write: No space left on device");
  EXPECT_FALSE(full->reader_gone());
}

TEST_F(OutputFileTest, ClosedPipeIsTold) {
  std::signal(SIGPIPE, SIG_IGN);
  const std::string path = folder_ + "/pipe";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const int reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK);
  auto output = OutputFile::create(path);
  ASSERT_TRUE(output);
  ::close(reader);
  ASSERT_TRUE(output->write("x"));
  EXPECT_FALSE(output->flush());
  EXPECT_TRUE(output->reader_gone());
}

}  // namespace
}  // namespace topoforge
