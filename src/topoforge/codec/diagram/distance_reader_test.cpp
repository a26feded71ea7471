#include "topoforge/codec/diagram/distance_reader.hpp"

#include <bit>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace topoforge {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kNoEdge = std::numeric_limits<double>::max();

Result<DistanceInput> read(std::string_view text, DistanceFormat format, std::size_t piece = 1000) {
  DistanceReader reader("file", format);
  for (std::size_t begin = 0; begin < text.size(); begin += piece) {
    if (auto added = reader.add(text.substr(begin, piece)); !added) return tl::unexpected(added.error());
  }
  return std::move(reader).finish();
}

std::vector<double> lower_of(std::string_view text, DistanceFormat format, std::size_t piece = 1000) {
  const auto input = read(text, format, piece);
  EXPECT_TRUE(input) << input.error().message;
  return input ? input->distances.lower() : std::vector<double>{};
}

Error error_of(std::string_view text, DistanceFormat format) {
  const auto input = read(text, format);
  return input ? Error{ErrorCode::invalid_argument, "no error"} : input.error();
}

std::string message_of(std::string_view text, DistanceFormat format) { return error_of(text, format).message; }

void append(std::string& bytes, std::uint64_t word) {
  for (int shift = 0; shift < 64; shift += 8) bytes += static_cast<char>(word >> shift & 0xFFU);
}

std::string dipha(std::int64_t size, const std::vector<double>& entries, std::int64_t magic = 8067171840,
                  std::int64_t type = 7) {
  std::string bytes;
  for (const std::int64_t word : {magic, type, size}) append(bytes, static_cast<std::uint64_t>(word));
  for (const double entry : entries) append(bytes, std::bit_cast<std::uint64_t>(entry));
  return bytes;
}

TEST(DistanceFormat, NamesAreThoseOfRipser) {
  for (const auto format : {DistanceFormat::lower_distance, DistanceFormat::upper_distance, DistanceFormat::sparse,
                            DistanceFormat::dipha}) {
    EXPECT_EQ(distance_format_from(to_string(format)), format);
  }
  EXPECT_EQ(distance_format_from("upper-distance"), DistanceFormat::upper_distance);
  EXPECT_EQ(distance_format_from("lower"), std::nullopt);
}

TEST(DistanceReader, TrianglesAreReadRowByRowWhateverTheSeparatorsAndLines) {
  const std::string_view after_a_mark = "\xEF\xBB\xBF\x31 # first\n# none\n2 3 4 5 6#";  // the byte order mark, then 1
  for (const std::string_view text :
       {std::string_view("1\n2 3\n4 5 6\n"), std::string_view("1,2,3,4,5,6"), std::string_view("1 2 3 4 5 6"),
        std::string_view("1,\n2, 3,\r\n4\t5 ,6,\n\n"), after_a_mark}) {
    for (const std::size_t piece : {1u, 2u, 1000u}) {
      EXPECT_THAT(lower_of(text, DistanceFormat::lower_distance, piece), ElementsAre(1, 2, 3, 4, 5, 6)) << text;
      // Upper: 0-1 0-2 0-3 1-2 1-3 2-3.
      EXPECT_THAT(lower_of(text, DistanceFormat::upper_distance, piece), ElementsAre(1, 2, 4, 3, 5, 6)) << text;
    }
  }
  EXPECT_EQ(read("7", DistanceFormat::lower_distance)->distances.size(), 2u);
  EXPECT_EQ(read("7", DistanceFormat::lower_distance)->longest_edge, std::nullopt);
}

TEST(DistanceReader, ANumberOfDistancesThatMakesNoTriangleIsRefused) {
  EXPECT_EQ(message_of("1 2\n3 4", DistanceFormat::lower_distance),
            "file: 4 distances; wanted n (n - 1) / 2 of them for n points: 3 for 3, 6 for 4");
  for (const auto format : {DistanceFormat::lower_distance, DistanceFormat::upper_distance}) {
    for (const std::string_view text : {"", "\n\n", "# 1\n", "\xEF\xBB\xBF"}) {
      EXPECT_EQ(message_of(text, format), "file: no distances; wanted n (n - 1) / 2 of them for n points");
    }
  }
}

TEST(DistanceReader, WhatIsNoDistanceIsNamedByLineAndColumn) {
  for (const auto format : {DistanceFormat::lower_distance, DistanceFormat::upper_distance}) {
    EXPECT_EQ(error_of("1\n2 -3\n", format),
              (Error{ErrorCode::invalid_data, "file:2: column 2: distance -3 is negative"}));
    EXPECT_EQ(message_of("1\n\n2,nan\n", format),
              "file:3: column 2: wanted a number of magnitude at most 1e+150, got 'nan'");
    EXPECT_EQ(message_of("1e151", format),
              "file:1: column 1: wanted a number of magnitude at most 1e+150, got '1e151'");
    EXPECT_EQ(message_of("1;2;3", format),
              "file:1: column 1: wanted a number of magnitude at most 1e+150, got '1;2;3'");
    EXPECT_EQ(message_of(std::string_view("1 \0", 3), format),
              "file:1: column 2: wanted a number of magnitude at most 1e+150, got '\\x00'");
    EXPECT_EQ(message_of("1,,2", format), "file:1: column 2: wanted a number, got nothing");
    EXPECT_EQ(message_of("1\n,2", format), "file:2: column 1: wanted a number, got nothing");
    EXPECT_THAT(message_of("1 " + std::string(3000, '7'), format),
                testing::AllOf(HasSubstr("file:1: column 2: '777"), HasSubstr("is longer than the 2048 bytes")));
  }
}

TEST(DistanceReader, PointsAreBounded) {
  DistanceReader lower("file", DistanceFormat::lower_distance, 3);
  const auto added = lower.add("1 2 3\n4");
  EXPECT_TRUE(added);
  const auto finished = std::move(lower).finish();
  ASSERT_FALSE(finished);
  EXPECT_EQ(finished.error(), (Error{ErrorCode::limit_exceeded,
                                     "file:2: column 1: more than 3 distances; at most 3 points are allowed"}));
  EXPECT_EQ(
      error_of("0 1 2\n4096 0 1\n", DistanceFormat::sparse),
      (Error{ErrorCode::limit_exceeded, "file:2: column 1: point '4096'; at most 4096 points are allowed, 0 to 4095"}));
  for (const std::int64_t size : {std::int64_t{4097}, std::numeric_limits<std::int64_t>::max()}) {
    EXPECT_EQ(error_of(dipha(size, {}), DistanceFormat::dipha),
              (Error{ErrorCode::limit_exceeded,
                     "file: distances of " + std::to_string(size) + " points; at most 4096 are allowed"}));
  }
}

TEST(DistanceReader, SparseTriplesNameTheEdgesThatThereAre) {
  for (const std::string_view text : {"0 1 2.5\n3 1 4\n", "0,1,2.5\r\n\r\n3,1,4",
                                      "# edges\n1 0 2.5\n1 3 4 # last\n0 1 2.5\n2 2 0", "0.0e+00 1.0 2.5\n3 1 4,\n"}) {
    const auto input = read(text, DistanceFormat::sparse, 3);
    ASSERT_TRUE(input) << input.error().message;
    EXPECT_EQ(input->distances.size(), 4u);
    EXPECT_THAT(input->distances.lower(), ElementsAre(2.5, kNoEdge, kNoEdge, kNoEdge, 4, kNoEdge));
    EXPECT_EQ(input->longest_edge, 4.0);
  }
}

TEST(DistanceReader, ALineThatIsNoTripleIsRefused) {
  const auto message = [](std::string_view text) { return message_of(text, DistanceFormat::sparse); };
  EXPECT_EQ(message(""), "file: no distances; wanted lines of two points and their distance");
  EXPECT_EQ(message("5 5 0"), "file: no distances; wanted lines of two points and their distance");
  EXPECT_EQ(message("0 1 2\n0 2\n"),
            "file:2: column 3: the line has 2 numbers; wanted 3, two points and their distance");
  EXPECT_EQ(message("3"), "file:1: column 2: the line has 1 number; wanted 3, two points and their distance");
  EXPECT_EQ(message("0 1 2 3"),
            "file:1: column 4: the line has more than 3 numbers; wanted 3, two points and their distance");
  EXPECT_EQ(message("0 -1 2"), "file:1: column 2: wanted a point, a whole number from 0, got '-1'");
  EXPECT_EQ(message("0.5 1 2"), "file:1: column 1: wanted a point, a whole number from 0, got '0.5'");
  EXPECT_EQ(message("0 1 -2"), "file:1: column 3: distance -2 is negative");
  EXPECT_EQ(message("0 1 inf"), "file:1: column 3: wanted a number of magnitude at most 1e+150, got 'inf'");
  EXPECT_EQ(message("7 7 1"), "file:1: column 3: distance 1 of point 7 to itself; wanted 0");
  EXPECT_EQ(message("0 1 2\n1 0 3"),
            "file:2: column 3: distance 3 of points 1 and 0 differs from 2 in an earlier line");
}

TEST(DistanceReader, DiphaFilesAreReadInPiecesOfAnySize) {
  const std::string bytes = dipha(3, {0, 1, 2, 1, -0.0, 3, 2, 3, 0});
  for (const std::size_t piece : {1u, 7u, 8u, 1000u}) {
    EXPECT_THAT(lower_of(bytes, DistanceFormat::dipha, piece), ElementsAre(1, 2, 3));
  }
  EXPECT_EQ(read(dipha(1, {0}), DistanceFormat::dipha)->distances.size(), 1u);
}

TEST(DistanceReader, ADiphaFileThatIsCutOffOrTooLongIsRefused) {
  const std::string bytes = dipha(2, {0, 1, 1, 0});
  EXPECT_EQ(message_of("", DistanceFormat::dipha), "file: ends after 0 bytes; wanted the header of a DIPHA file, 24");
  EXPECT_EQ(message_of(bytes.substr(0, 20), DistanceFormat::dipha),
            "file: ends after 20 bytes; wanted the header of a DIPHA file, 24");
  for (const std::size_t length : {24u, 55u}) {
    EXPECT_EQ(
        message_of(bytes.substr(0, length), DistanceFormat::dipha),
        "file: ends after " + std::to_string(length) + " bytes; wanted 56, since the header promises 2 x 2 distances");
  }
  EXPECT_EQ(message_of(bytes + "x", DistanceFormat::dipha),
            "file: bytes after the matrix of 2 x 2 distances; wanted 56 bytes in all");
  EXPECT_EQ(message_of(dipha(4096, {}), DistanceFormat::dipha),
            "file: ends after 24 bytes; wanted 134217752, since the header promises 4096 x 4096 distances");
}

TEST(DistanceReader, AnotherDiphaFileIsRefused) {
  EXPECT_EQ(message_of(dipha(2, {}, 42), DistanceFormat::dipha),
            "file: begins with 42; wanted 8067171840, as DIPHA files do");
  EXPECT_EQ(message_of(dipha(2, {}, 8067171840, 1), DistanceFormat::dipha),
            "file: DIPHA file of type 1; wanted 7, a distance matrix");
  EXPECT_EQ(message_of(dipha(0, {}), DistanceFormat::dipha), "file: distances of 0 points; wanted at least 1");
  EXPECT_EQ(message_of(dipha(-5, {}), DistanceFormat::dipha), "file: distances of -5 points; wanted at least 1");
}

TEST(DistanceReader, ADiphaEntryThatIsNoDistanceIsNamedByRowAndColumn) {
  const auto message = [](const std::vector<double>& entries) {
    return message_of(dipha(2, entries), DistanceFormat::dipha);
  };
  EXPECT_EQ(message({0, kNaN, 1, 0}), "file: row 1, column 2: wanted a number of magnitude at most 1e+150, got nan");
  EXPECT_EQ(message({0, -1, 1, 0}), "file: row 1, column 2: distance -1 is negative");
  EXPECT_EQ(message({0, 1, 1, 2}), "file: row 2, column 2: distance 2 of a point to itself; wanted 0");
  EXPECT_EQ(message({0, 1, 3, 0}),
            "file: row 2, column 1: distance 3 differs from 1 in row 1, column 2; wanted a symmetric matrix");
}

}  // namespace
}  // namespace topoforge
