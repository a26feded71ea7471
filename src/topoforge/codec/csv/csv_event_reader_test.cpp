#include "topoforge/codec/csv/csv_event_reader.hpp"

#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "topoforge/codec/text/timestamp.hpp"

namespace topoforge {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

NextLine lines_of(std::string text) {
  auto rest = std::make_shared<std::string>(std::move(text));
  auto line = std::make_shared<std::string>();
  return [rest, line]() -> Result<std::optional<std::string_view>> {
    if (rest->empty()) return std::optional<std::string_view>{};
    const std::size_t end = rest->find('\n');
    *line = rest->substr(0, end);
    rest->erase(0, end == std::string::npos ? end : end + 1);
    return std::optional<std::string_view>{*line};
  };
}

struct ReadAll {
  std::vector<std::vector<double>> values;
  std::vector<std::string> timestamps;
  std::vector<std::optional<Timestamp>> times;
  std::string error;
  InputSummary summary;
};

ReadAll read(std::string text, CsvOptions options = {}) {
  CsvEventReader reader("f.csv", lines_of(std::move(text)), std::move(options));
  ReadAll all;
  for (;;) {
    const auto row = reader.next();
    if (!row) all.error = row.error().message;
    if (!row || *row == nullptr) break;
    EXPECT_TRUE(validate((*row)->event));
    all.timestamps.push_back((*row)->timestamp);
    all.times.push_back((*row)->event.timestamp);
    all.values.emplace_back();
    for (const Measurement& measurement : (*row)->event.values) all.values.back().push_back(measurement.value);
  }
  all.summary = reader.summary();
  return all;
}

TEST(CsvEventReader, FindsTimeChannelsAndLabelByItself) {
  const ReadAll all =
      read("timestamp,cpu,host,mem,label\n2024-01-01T00:00:00Z,1,web,2,0\n2024-01-01T00:00:01Z,3,db,4,1\n");
  EXPECT_EQ(all.error, "");
  EXPECT_THAT(all.summary.channels, ElementsAre("cpu", "mem"));
  EXPECT_THAT(all.values, ElementsAre(ElementsAre(1, 2), ElementsAre(3, 4)));
  EXPECT_EQ(all.times[1], parse_iso_timestamp("2024-01-01T00:00:01Z")->time);
  EXPECT_EQ(all.timestamps[0], "2024-01-01T00:00:00Z");
  EXPECT_THAT(all.summary.notes, ElementsAre(HasSubstr("column 'host' is left out: its first value is text, 'web'"),
                                             HasSubstr("column 'label' is left out: by its name it is a label")));
}

TEST(CsvEventReader, OptionsNameTheColumns) {
  const std::string text = "when,a,b,kind\n5,1,2,3\n6,4,5,6\n";
  EXPECT_THAT(
      read(text,
           {.timestamp_column = "when", .channels = {"b", "a"}, .label_column = "", .invalid_values = {}, .source = ""})
          .values,
      ElementsAre(ElementsAre(2, 1), ElementsAre(5, 4)));
  const ReadAll labelled = read(
      text, {.timestamp_column = "when", .channels = {}, .label_column = "kind", .invalid_values = {}, .source = "s"});
  EXPECT_THAT(labelled.summary.channels, ElementsAre("a", "b"));
  EXPECT_THAT(
      read(text, {.timestamp_column = "none", .channels = {}, .label_column = "", .invalid_values = {}, .source = ""})
          .summary.channels,
      ElementsAre("when", "a", "b", "kind"));
}

TEST(CsvEventReader, ColumnThatIsNotThereIsNamedWithThoseThatAre) {
  CsvOptions options;
  options.channels = {"gpu"};
  EXPECT_EQ(read("t,cpu,mem\n1,2,3\n", options).error,
            "f.csv: there is no column 'gpu'; the columns are 't', 'cpu', 'mem'");
  options = {};
  options.timestamp_column = "when";
  EXPECT_THAT(read("t,cpu\n1,2\n", options).error, HasSubstr("there is no column 'when'"));
  options = {};
  options.label_column = "truth";
  EXPECT_THAT(read("t,cpu\n1,2\n", options).error, HasSubstr("there is no column 'truth'"));
}

TEST(CsvEventReader, IsoTimesInTheFirstColumnAreTheTimes) {
  const ReadAll all = read("when;x\n2024-01-01 00:00:00;1\n");
  EXPECT_EQ(all.summary.timestamp_column, "when");
  EXPECT_THAT(all.summary.channels, ElementsAre("x"));
}

TEST(CsvEventReader, SmallWholeNumbersAreAnOrderAndNoClock) {
  const ReadAll all = read("timestamp,x\n0,1\n1,1\n1,1\n0,1\n");
  EXPECT_THAT(all.times, testing::Each(std::nullopt));
  EXPECT_EQ(all.summary.out_of_order.count, 1U);
  EXPECT_EQ(all.summary.out_of_order.first_line, 5U);
  EXPECT_EQ(all.summary.repeated_timestamps.count, 1U);
  EXPECT_EQ(all.summary.repeated_timestamps.first_line, 4U);
}

TEST(CsvEventReader, EpochTimesAreReadByTheirMagnitude) {
  EXPECT_EQ(read("ts,x\n1700000000,1\n").times[0], timestamp_from_epoch(1.7e9).value());
  EXPECT_EQ(read("ts,x\n1700000000000,1\n").times[0], timestamp_from_epoch(1.7e9).value());
}

TEST(CsvEventReader, MixedTimesAreRefused) {
  EXPECT_EQ(
      read("timestamp,x\n2024-01-01T00:00:00Z,1\n1700000000,1\n").error,
      "f.csv:3: column 'timestamp' (1): '1700000000' is an epoch time in seconds; the times of the file began with "
      "'2024-01-01T00:00:00Z', an ISO 8601 time with zone");
  EXPECT_THAT(read("timestamp,x\n1700000000,1\n1700000000000,1\n").error, HasSubstr("f.csv:3: column 'timestamp'"));
  EXPECT_THAT(read("timestamp,x\n2024-01-01 00:00:00,1\n2024-01-01T00:00:00Z,1\n").error, HasSubstr("f.csv:3:"));
  EXPECT_THAT(read("timestamp,x\n2024-02-30,1\n").error,
              HasSubstr("f.csv:2: column 'timestamp' (1): '2024-02-30' is no"));
}

TEST(CsvEventReader, TimesInAnUnknownFormAreKeptAsText) {
  const ReadAll all = read("date,x\n02/26/2015,1\n02/27/2015,2\n");
  EXPECT_EQ(all.error, "");
  EXPECT_THAT(all.timestamps, ElementsAre("02/26/2015", "02/27/2015"));
  EXPECT_THAT(all.summary.notes, Contains(HasSubstr("kept as text")));
  EXPECT_THAT(read("date,x\n02/26/2015,1\n2015-02-27,2\n").error, HasSubstr("f.csv:3: column 'date' (1)"));
}

TEST(CsvEventReader, EmptyCellTakesTheValueBeforeItOrTheFirstOne) {
  const ReadAll all = read("a,b\n1,\n,\n,5\n4, \n");
  EXPECT_EQ(all.error, "");
  EXPECT_THAT(all.values, ElementsAre(ElementsAre(1, 5), ElementsAre(1, 5), ElementsAre(1, 5), ElementsAre(4, 5)));
  EXPECT_EQ(all.summary.missing_values.count, 5U);
  EXPECT_EQ(all.summary.missing_values.first_line, 2U);
  EXPECT_THAT(read("a,b\n1,\n2,\n").summary.notes,
              ElementsAre("column 'b' is left out: it is empty in the first 2 rows"));
}

TEST(CsvEventReader, WhatIsNoNumberIsAnErrorWithItsPlace) {
  EXPECT_EQ(
      read("time,host,cpu\n1,a,2\n2,b,abc\n").error,
      "f.csv:3: column 'cpu' (3): 'abc' is not a number; wanted a finite number (an empty cell is a missing value, "
      "carried forward)");
  EXPECT_THAT(read("cpu\n1\nNaN\n").error, HasSubstr("f.csv:3: column 'cpu' (1): 'NaN' is not a finite number"));
  EXPECT_THAT(read("cpu,mem\nnan,1\n2,1\n").error,
              HasSubstr("f.csv:2: column 'cpu' (1): 'nan' is not a finite number"));
  EXPECT_THAT(read("cpu,mem\n1e999,1\n").error, HasSubstr("f.csv:2: column 'cpu' (1): '1e999' is not"));
}

TEST(CsvEventReader, InvalidValuesAreMissingByOption) {
  CsvOptions options;
  options.invalid_values = InvalidValues::missing;
  const ReadAll all = read("cpu,mem\nnan,1\ninf,oops\n7,3\n", options);
  EXPECT_EQ(all.error, "");
  EXPECT_THAT(all.values, ElementsAre(ElementsAre(7, 1), ElementsAre(7, 1), ElementsAre(7, 3)));
  EXPECT_EQ(all.summary.invalid_values.count, 3U);
  options.channels = {"cpu"};
  EXPECT_THAT(read("cpu,mem\nabc,1\n7,3\n", options).values, ElementsAre(ElementsAre(7), ElementsAre(7)));
  EXPECT_THAT(read("cpu,mem\nabc,1\nx,3\n", options).error, HasSubstr("column 'cpu' (1) has no number in the first 2"));
}

TEST(CsvEventReader, RaggedRowIsAnErrorAfterTheRowsBeforeIt) {
  const ReadAll all = read("a,b\n1,2\n3\n");
  EXPECT_EQ(all.values.size(), 1U);
  EXPECT_EQ(all.error, "f.csv:3: the row has 1 fields; wanted 2, as many as the rows before it");
  EXPECT_EQ(read("a,b\n1,2,3\n").error, "f.csv:2: the row has 3 fields; wanted 2, as many as the header");
  EXPECT_THAT(read("a,b\n1,\n2\n3,4\n").error, HasSubstr("f.csv:3: the row has 1 fields"));
}

TEST(CsvEventReader, FileWithoutRowsIsAnError) {
  EXPECT_EQ(read("").error, "f.csv: the file is empty; wanted a header and rows of numbers");
  EXPECT_EQ(read("\n \n").error, "f.csv: the file has blank lines only; wanted a header and rows of numbers");
  EXPECT_EQ(read("a,b\n").error, "f.csv: there is a header and no row below it; wanted rows of numbers");
  EXPECT_EQ(read("a,b\nx,y\n").error, "f.csv: no column of numbers is left for a channel; the columns are 'a', 'b'");
}

TEST(CsvEventReader, HeaderIsChecked) {
  EXPECT_EQ(read("a,b,a\n1,2,3\n").error,
            "f.csv:1: the name 'a' stands twice in the header, in columns 1 and 3; wanted names that differ");
  EXPECT_THAT(read("a\xff\n1\n").error, HasSubstr("f.csv:1: the name of column 1, 'a\\xFF', is no UTF-8"));
  EXPECT_THAT(read(std::string(257, 'x') + "\n1\n").error, HasSubstr("is 257 bytes long; at most 256"));
  std::string wide = "c0";
  for (std::size_t i = 1; i <= kMaxChannels; ++i) wide += ",x" + std::to_string(i);
  std::string row = "1";
  for (std::size_t i = 1; i <= kMaxChannels; ++i) row += ",1";
  EXPECT_THAT(read(wide + "\n" + row + "\n").error, HasSubstr("1025 channels; at most 1024 are allowed"));
}

TEST(CsvEventReader, FileWithoutHeaderHasNumberedColumns) {
  const ReadAll all = read("2024-01-01T00:00:00Z,1,2\n2024-01-01T00:00:01Z,3,4\n");
  EXPECT_THAT(all.summary.channels, ElementsAre("c1", "c2"));
  EXPECT_EQ(all.summary.timestamp_column, "c0");
  EXPECT_EQ(all.values.size(), 2U);
  EXPECT_THAT(all.summary.notes, Contains(HasSubstr("the columns are called c0, c1")));
}

TEST(CsvEventReader, UnnamedFirstColumnIsAnIndex) {
  const ReadAll all = read(",x\n0,5\n1,6\n");
  EXPECT_THAT(all.summary.channels, ElementsAre("x"));
  EXPECT_EQ(all.summary.timestamp_column, "c0");
}

TEST(CsvEventReader, QuotesBlankLinesAndLineNumbersAgree) {
  const ReadAll all = read("note,x\n\n\"two\nlines\",1\n\nplain,z\n");
  EXPECT_EQ(all.values.size(), 1U);
  EXPECT_EQ(all.summary.blank_lines.count, 2U);
  EXPECT_THAT(all.error, HasSubstr("f.csv:6: column 'x' (2): 'z' is not a number"));
  EXPECT_THAT(read("x\n1\n\"2\n3\n").error,
              HasSubstr("f.csv:3: the quote that opens field 1 is not closed before the end"));
  EXPECT_THAT(read("x,y\n1,\"2\"3\n").error, HasSubstr("f.csv:2: text follows the closing quote of field 2"));
}

TEST(CsvEventReader, ErrorOfTheLinesIsPassedOn) {
  CsvEventReader reader("f.csv",
                        [] { return Result<std::optional<std::string_view>>(fail(ErrorCode::io, "disk gone")); }, {});
  const auto row = reader.next();
  ASSERT_FALSE(row);
  EXPECT_EQ(row.error(), (Error{ErrorCode::io, "disk gone"}));
}

}  // namespace
}  // namespace topoforge
