#include "topoforge/adapters/file/line_reader.hpp"

#include <sys/resource.h>
#include <unistd.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace topoforge {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;

class LineReaderTest : public testing::Test {
 protected:
  LineReaderTest() : folder_(testing::TempDir() + "line_reader_" + std::to_string(::getpid())) {
    std::filesystem::create_directories(folder_);
  }
  ~LineReaderTest() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& name, std::string_view bytes) {
    const std::string path = folder_ + "/" + name;
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }

  static std::string gzip(std::string text) {
    z_stream stream{};
    EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    std::string out(deflateBound(&stream, text.size()) + 64, '\0');
    stream.next_in = reinterpret_cast<unsigned char*>(text.data());
    stream.avail_in = static_cast<unsigned>(text.size());
    stream.next_out = reinterpret_cast<unsigned char*>(out.data());
    stream.avail_out = static_cast<unsigned>(out.size());
    EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
  }

  /// The lines; an error is the last one.
  static std::vector<std::string> lines_of(const std::string& path) {
    auto reader = LineReader::open(path);
    if (!reader) return {reader.error().message};
    std::vector<std::string> lines;
    for (;;) {
      const auto line = reader->next();
      if (!line) {
        lines.push_back(line.error().message);
        const auto after = reader->next();
        EXPECT_TRUE(after && !*after) << "a failed reader is at its end";
        return lines;
      }
      if (!*line) return lines;
      lines.emplace_back(**line);
    }
  }

  std::string folder_;
};

TEST_F(LineReaderTest, LinesEndWithLfCrlfOrTheEndOfTheFile) {
  EXPECT_THAT(lines_of(write("a", "one\r\n\ntwo\nthree")), ElementsAre("one", "", "two", "three"));
  EXPECT_THAT(lines_of(write("b", "one\n")), ElementsAre("one"));
  EXPECT_THAT(lines_of(write("c", "")), ElementsAre());
}

TEST_F(LineReaderTest, ByteOrderMarkIsNoText) {
  EXPECT_THAT(lines_of(write("a", "\xEF\xBB\xBFone\n\xEF\xBB\xBFtwo")), ElementsAre("one", "\xEF\xBB\xBFtwo"));
}

TEST_F(LineReaderTest, GzipMembersAreOneText) {
  const std::string two = gzip("one\ntw") + gzip("o\n") + gzip("") + gzip("three");
  EXPECT_THAT(lines_of(write("a.gz", two)), ElementsAre("one", "two", "three"));
  EXPECT_THAT(lines_of(write("named_plainly", two)), ElementsAre("one", "two", "three"));
  EXPECT_THAT(lines_of(write("padded.gz", two + std::string(1000, '\0'))), ElementsAre("one", "two", "three"));
}

TEST_F(LineReaderTest, ManyBlocksOfGzipDataAreReadWhole) {
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += std::to_string(i * 7919) + "\n";
  const auto lines = lines_of(write("a.gz", gzip(text)));
  ASSERT_EQ(lines.size(), 200'000U);
  EXPECT_EQ(lines.back(), std::to_string(199'999 * 7919));
}

TEST_F(LineReaderTest, DamagedGzipDataAreAnErrorWithTheirPlace) {
  const std::string whole = gzip("one\ntwo\n");
  const std::string truncated = write("truncated.gz", whole.substr(0, whole.size() - 5));
  EXPECT_THAT(lines_of(truncated),
              ElementsAre("one", "two", truncated + ":3: the gzip data end too early; the file is truncated"));
  const std::string followed = write("followed.gz", whole + "rubbish");
  EXPECT_THAT(lines_of(followed).back(), HasSubstr(":3: damaged gzip data: other bytes follow the compressed text"));
  std::string flipped = whole;
  flipped[whole.size() - 6] = static_cast<char>(flipped[whole.size() - 6] ^ 0x55);
  EXPECT_THAT(lines_of(write("flipped.gz", flipped)).back(), HasSubstr("damaged gzip data: incorrect data check"));
  EXPECT_THAT(lines_of(write("plain.gz", "one\n")).back(), HasSubstr(":1: is named .gz but does not begin as gzip"));
}

TEST_F(LineReaderTest, WhatIsNoUtf8TextIsRefused) {
  const std::string nul = write("nul", std::string_view("one\nt\0o\n", 8));
  EXPECT_THAT(lines_of(nul), ElementsAre("one", nul + ":2: byte 2 of the line is NUL; wanted UTF-8 text"));
  EXPECT_THAT(lines_of(write("utf16", std::string_view("\xFF\xFE"
                                                       "a\0",
                                                       4)))
                  .back(),
              EndsWith(":1: the text is UTF-16; wanted UTF-8"));
}

TEST_F(LineReaderTest, LineAboveTheLimitIsRefusedInBoundedMemory) {
  EXPECT_EQ(lines_of(write("longest", std::string(kMaxLineBytes, 'x')))[0].size(), kMaxLineBytes);
  const std::string path = folder_ + "/hole";
  std::ofstream(path, std::ios::binary) << "one\n";
  std::filesystem::resize_file(path, std::uintmax_t{2} << 30);  // 2 GB, of which none is on the disk
  EXPECT_THAT(lines_of(path),
              ElementsAre("one", path + ":2: the line is longer than 8388608 bytes, the most that is allowed"));
  struct rusage usage {};
  getrusage(RUSAGE_SELF, &usage);
  EXPECT_LT(usage.ru_maxrss, 256 << 10) << "kilobytes";
}

TEST_F(LineReaderTest, WhatCannotBeReadIsNamed) {
  EXPECT_THAT(lines_of(folder_ + "/none").back(), HasSubstr("/none: cannot open: No such file or directory"));
  EXPECT_THAT(lines_of(folder_).back(), HasSubstr("is a folder; wanted a file"));
}

TEST_F(LineReaderTest, PositionReachesTheSizeOfTheFile) {
  const std::string bytes = gzip("one\ntwo\n");
  auto reader = LineReader::open(write("a.gz", bytes));
  ASSERT_TRUE(reader);
  EXPECT_EQ(reader->size_bytes(), bytes.size());
  while (reader->next()->has_value()) {
  }
  EXPECT_EQ(reader->position_bytes(), bytes.size());
}

TEST_F(LineReaderTest, PositionFollowsTheLinesOfAPlainFile) {
  auto reader = LineReader::open(write("a", "one\ntwo\n"));
  ASSERT_TRUE(reader);
  EXPECT_EQ(reader->position_bytes(), 0U);
  ASSERT_TRUE(reader->next());
  EXPECT_EQ(reader->position_bytes(), 4U);
}

}  // namespace
}  // namespace topoforge
