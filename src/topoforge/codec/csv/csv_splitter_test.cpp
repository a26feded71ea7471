#include "topoforge/codec/csv/csv_splitter.hpp"

#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace topoforge {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> split(std::vector<std::string> lines, char delimiter = ',') {
  CsvSplitter splitter(delimiter);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto whole = splitter.add_line(lines[i]);
    if (!whole) return {"error: " + whole.error().message};
    EXPECT_EQ(*whole, i + 1 == lines.size()) << lines[i];
  }
  return {splitter.fields().begin(), splitter.fields().end()};
}

TEST(CsvSplitter, FieldsStandBetweenDelimiters) {
  EXPECT_THAT(split({"a,b,,d"}), ElementsAre("a", "b", "", "d"));
  EXPECT_THAT(split({"a;b,c;"}, ';'), ElementsAre("a", "b,c", ""));
  EXPECT_THAT(split({""}), ElementsAre(""));
}

TEST(CsvSplitter, QuotedFieldsHoldDelimitersQuotesAndLineEnds) {
  EXPECT_THAT(split({R"("a,b","say ""hi""","",x)"}), ElementsAre("a,b", "say \"hi\"", "", "x"));
  EXPECT_THAT(split({"\"one", "", "two\",3"}), ElementsAre("one\n\ntwo", "3"));
  EXPECT_THAT(split({"\"\"\"\""}), ElementsAre("\""));
}

TEST(CsvSplitter, QuoteInsideAnUnquotedFieldIsText) {
  EXPECT_THAT(split({"5\" disk,b"}), ElementsAre("5\" disk", "b"));
}

TEST(CsvSplitter, TextAfterAClosingQuoteIsRefused) {
  EXPECT_THAT(split({"a,\"b\"c"}), ElementsAre(HasSubstr("text follows the closing quote of field 2; wanted ','")));
}

TEST(CsvSplitter, RecordIsBoundedInLinesAndBytes) {
  CsvSplitter many;
  ASSERT_EQ(many.add_line("a,\""), false);
  for (std::size_t i = 1; i < kMaxRecordLines; ++i) ASSERT_EQ(many.add_line(""), false);
  const auto refused = many.add_line("");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::limit_exceeded);
  EXPECT_THAT(refused.error().message, HasSubstr("opens field 2 is not closed within 1000 lines"));

  CsvSplitter large;
  ASSERT_EQ(large.add_line("\"" + std::string(kMaxRecordBytes / 2, 'x')), false);
  EXPECT_FALSE(large.add_line(std::string(kMaxRecordBytes / 2, 'x')));
}

TEST(CsvSplitter, WrittenFieldsAreReadBack) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const std::string alphabet = "ab,;\" \t0.";
  for (int round = 0; round < 3000; ++round) {
    std::vector<std::string> fields(1 + random() % 5);
    std::string line;
    for (std::string& field : fields) {
      for (std::size_t i = random() % 6; i > 0; --i) field += alphabet[random() % alphabet.size()];
      line += (&field == fields.data() ? "" : ",") + csv_field(field);
    }
    ASSERT_EQ(split({line}), fields) << line;
  }
}

TEST(CsvSplitter, DelimiterIsTheOneThatStandsMostOften) {
  EXPECT_EQ(guess_delimiter("a;b;c"), ';');
  EXPECT_EQ(guess_delimiter("a\tb"), '\t');
  EXPECT_EQ(guess_delimiter("\"a;b;c\",d"), ',');
  EXPECT_EQ(guess_delimiter("value"), ',');
}

}  // namespace
}  // namespace topoforge
