#include "topoforge/codec/diagram/diagram_input.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace topoforge {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Result<NumberTable> table_of(const std::vector<std::string>& lines) {
  NumberTableReader reader("file.csv");
  for (const auto& line : lines) {
    if (auto added = reader.add_line(line); !added) return tl::unexpected(added.error());
  }
  return std::move(reader).finish();
}

Result<DiagramInput> read(const std::vector<std::string>& lines, DiagramInputKind kind) {
  const auto table = table_of(lines);
  if (!table) return tl::unexpected(table.error());
  return diagram_input(*table, kind);
}

std::string error_of(const std::vector<std::string>& lines, DiagramInputKind kind = DiagramInputKind::points) {
  const auto input = read(lines, kind);
  return input ? "no error" : input.error().message;
}

PointCloud points(const std::vector<std::string>& lines, DiagramInputKind kind = DiagramInputKind::points) {
  const auto input = read(lines, kind);
  EXPECT_TRUE(input) << input.error().message;
  return input ? std::get<PointCloud>(*input) : PointCloud{};
}

DistanceMatrix distances(const std::vector<std::string>& lines, DiagramInputKind kind) {
  const auto input = read(lines, kind);
  EXPECT_TRUE(input) << input.error().message;
  return input ? std::get<DistanceMatrix>(*input) : DistanceMatrix{};
}

TEST(NumberTable, CommasAndBlanksSeparateAndCommentsHeadersAndEmptyLinesAreSkipped) {
  const PointCloud expected{.dimension = 2, .coordinates = {1.0, 2.0, -3.5, 4e2}};
  EXPECT_EQ(points({"1,2", "-3.5,4e2"}), expected);
  EXPECT_EQ(points({"1 2", "\t-3.5 \t 4e2  "}), expected);
  EXPECT_EQ(points({"# cloud", "", "x, y", "1 , +2", "  -3.5,4E2 # the last", "#"}), expected);
  EXPECT_EQ(points({"1,2,", "-3.5,4e2,"}), expected) << "a comma at the end of a line";
}

TEST(NumberTable, AFieldThatIsNoFiniteNumberIsNamedByFileLineAndColumn) {
  EXPECT_EQ(error_of({"x,y", "1,2", "3,abc"}),
            "file.csv:3: column 2: wanted a number of magnitude at most 1e+150, got 'abc'");
  EXPECT_EQ(error_of({"1,nan"}), "file.csv:1: column 2: wanted a number of magnitude at most 1e+150, got 'nan'");
  EXPECT_EQ(error_of({"1 2", "-inf 2"}),
            "file.csv:2: column 1: wanted a number of magnitude at most 1e+150, got '-inf'");
  EXPECT_EQ(error_of({"1,,2"}), "file.csv:1: column 2: wanted a number of magnitude at most 1e+150, got nothing");
  EXPECT_EQ(error_of({"1,1e999"}), "file.csv:1: column 2: wanted a number of magnitude at most 1e+150, got '1e999'");
  EXPECT_EQ(error_of({"1,-2e150"}), "file.csv:1: column 2: wanted a number of magnitude at most 1e+150, got '-2e150'");
  EXPECT_EQ(error_of({"1,2 3"}), "file.csv:1: column 2: wanted a number of magnitude at most 1e+150, got '2 3'");
  EXPECT_EQ(error_of({"1,0x10"}), "file.csv:1: column 2: wanted a number of magnitude at most 1e+150, got '0x10'");
  EXPECT_EQ(error_of({"1,\x1b[31m"}),
            "file.csv:1: column 2: wanted a number of magnitude at most 1e+150, got '\\x1B[31m'");
}

TEST(NumberTable, OnlyOneHeaderIsSkipped) {
  EXPECT_EQ(error_of({"x,y", "a,b"}), "file.csv:2: column 1: wanted a number of magnitude at most 1e+150, got 'a'");
  EXPECT_EQ(error_of({"x,1"}), "file.csv:1: column 1: wanted a number of magnitude at most 1e+150, got 'x'");
}

TEST(NumberTable, NothingToReadIsAnError) {
  EXPECT_EQ(error_of({}), "file.csv: no numbers in 0 lines; wanted one row of numbers for each point");
  EXPECT_EQ(error_of({"x,y"}), "file.csv: no numbers in 1 line; wanted one row of numbers for each point");
  EXPECT_EQ(error_of({"", "# a", ","}), "file.csv: no numbers in 3 lines; wanted one row of numbers for each point");
}

TEST(NumberTable, RowsAndColumnsAreBounded) {
  const auto rows = table_of(std::vector<std::string>(kMaxTableRows + 1, "1"));
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error(),
            (Error{ErrorCode::limit_exceeded, "file.csv:4097: more than 4096 rows; at most 4096 points are allowed"}));
  std::string wide = "1";
  for (std::size_t i = 0; i < kMaxTableColumns; ++i) wide += " 1";
  EXPECT_EQ(error_of({wide}), "file.csv:1: more than 4096 numbers in a row");
}

TEST(DiagramInput, ARaggedPointIsNamedAtItsFirstNumberTooManyOrMissing) {
  EXPECT_EQ(error_of({"1,2", "3,4", "5"}), "file.csv:3: column 2: the row has 1 number; wanted 2, as in line 1");
  EXPECT_EQ(error_of({"", "1,2", "3,4,5"}), "file.csv:3: column 3: the row has 3 numbers; wanted 2, as in line 2");
}

TEST(DiagramInput, AFullMatrixIsReadAsItsLowerTriangle) {
  const auto matrix = distances({"0 1 2", "1 0 3", "2 3 0"}, DiagramInputKind::distances);
  EXPECT_EQ(matrix.size(), 3U);
  EXPECT_THAT(matrix.lower(), ElementsAre(1.0, 2.0, 3.0));
}

TEST(DiagramInput, WhatIsNoDistanceMatrixIsNamedAtItsPlace) {
  const auto error = [](const std::vector<std::string>& lines) { return error_of(lines, DiagramInputKind::distances); };
  EXPECT_EQ(error({"0 1", "1 0", "2 3"}),
            "file.csv:1: column 3: the row has 2 numbers; wanted 3, since a matrix of 3 rows has 3 columns");
  EXPECT_EQ(error({"0 1", "1.5 0"}),
            "file.csv:2: column 1: distance 1.5 differs from 1 in line 1, column 2; wanted a symmetric matrix");
  EXPECT_EQ(error({"0 -1", "-1 0"}), "file.csv:2: column 1: distance -1 is negative");
  EXPECT_EQ(error({"0 1", "1 0.5"}), "file.csv:2: column 2: distance 0.5 of a point to itself; wanted 0");
}

TEST(DiagramInput, ALowerTriangleMayHaveItsDiagonalOrNot) {
  const auto without = distances({"1", "2 3"}, DiagramInputKind::lower);
  EXPECT_EQ(without.size(), 3U);
  EXPECT_THAT(without.lower(), ElementsAre(1.0, 2.0, 3.0));
  const auto with = distances({"0", "1 0", "2 3 0"}, DiagramInputKind::lower);
  EXPECT_EQ(with.size(), 3U);
  EXPECT_THAT(with.lower(), ElementsAre(1.0, 2.0, 3.0));
  EXPECT_EQ(error_of({"1", "2 3", "4 5"}, DiagramInputKind::lower),
            "file.csv:3: column 3: the row has 2 numbers; wanted 3, row 3 of a lower triangle");
  EXPECT_EQ(error_of({"1", "2 -3"}, DiagramInputKind::lower), "file.csv:2: column 2: distance -3 is negative");
}

TEST(DiagramInput, ALowerTriangleOfTooManyPointsIsRefused) {
  NumberTable table{.name = "file.csv", .rows = {}};
  for (std::size_t row = 0; row < kMaxTableRows; ++row) {
    table.rows.push_back({.line = row + 1, .values = std::vector<double>(row + 1, 1.0)});
  }
  const auto input = diagram_input(table, DiagramInputKind::lower);
  ASSERT_FALSE(input);
  EXPECT_EQ(input.error(),
            (Error{ErrorCode::limit_exceeded, "file.csv: distances of 4097 points; at most 4096 are allowed"}));
}

TEST(DiagramInput, AutomaticDecidesOnlyWhereOneReadingIsLeft) {
  constexpr auto kAuto = DiagramInputKind::automatic;
  EXPECT_EQ(points({"1,2", "3,4", "5,6"}, kAuto).size(), 3U);
  EXPECT_EQ(points({"0,1", "2,0"}, kAuto).size(), 2U) << "not symmetric";
  EXPECT_EQ(points({"7"}, kAuto).size(), 1U);
  EXPECT_EQ(distances({"1", "2 3"}, kAuto).size(), 3U);
  const auto either = read({"0 1", "1 0"}, kAuto);
  ASSERT_FALSE(either);
  EXPECT_EQ(either.error().code, ErrorCode::invalid_argument);
  EXPECT_THAT(either.error().message, HasSubstr("say which with --input distances or --input points"));
}

TEST(DiagramInput, KindsHaveNames) {
  for (const auto kind :
       {DiagramInputKind::points, DiagramInputKind::distances, DiagramInputKind::lower, DiagramInputKind::automatic}) {
    EXPECT_EQ(diagram_input_kind_from(to_string(kind)), kind);
  }
  EXPECT_EQ(diagram_input_kind_from("upper"), std::nullopt);
}

}  // namespace
}  // namespace topoforge
