#include "topoforge/codec/report/series_reducer.hpp"

#include <algorithm>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace topoforge {
namespace {

TEST(SeriesReducer, KeepsEveryRowWhileTheyFit) {
  SeriesReducer reducer(4);
  for (std::uint64_t row = 0; row < 4; ++row) reducer.add(row, static_cast<double>(row));
  EXPECT_EQ(reducer.series().rows_per_bucket, 1U);
  EXPECT_EQ(reducer.series().buckets.size(), 4U);
  EXPECT_EQ(reducer.series().buckets[3], (SeriesBucket{3.0, 3.0, 1}));
}

TEST(SeriesReducer, JoinsPairsWhenTheyNoLongerFit) {
  SeriesReducer reducer(4);
  for (const auto& [row, value] :
       std::vector<std::pair<std::uint64_t, double>>{{0, 5.0}, {1, -5.0}, {3, 1.0}, {4, 2.0}}) {
    reducer.add(row, value);
  }
  EXPECT_EQ(reducer.series(),
            (ReducedSeries{.rows_per_bucket = 2, .buckets = {{-5.0, 5.0, 2}, {1.0, 1.0, 1}, {2.0, 2.0, 1}}}));
}

TEST(SeriesReducer, RowsThatAreLeftOutAreEmptyBuckets) {
  SeriesReducer reducer(10);
  reducer.add(5, 1.0);
  ASSERT_EQ(reducer.series().buckets.size(), 6U);
  EXPECT_EQ(reducer.series().buckets[0].count, 0U);
}

TEST(SeriesReducer, AFarRowCostsNoMemory) {
  SeriesReducer reducer(16);
  reducer.add(0, 1.0);
  reducer.add(std::uint64_t{1} << 62, 2.0);
  EXPECT_LE(reducer.series().buckets.size(), 16U);
  EXPECT_EQ(reducer.series().buckets.front(), (SeriesBucket{1.0, 1.0, 1}));
  EXPECT_EQ(reducer.series().buckets.back(), (SeriesBucket{2.0, 2.0, 1}));
}

TEST(SeriesReducer, AgreesWithBucketsOfTheWholeSeries) {
  for (unsigned seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 random(seed);
    std::vector<double> values(1 + random() % 5000);
    SeriesReducer reducer(64);
    for (std::size_t row = 0; row < values.size(); ++row) {
      values[row] = std::normal_distribution<double>()(random);
      reducer.add(row, values[row]);
    }
    const ReducedSeries& series = reducer.series();
    ASSERT_LE(series.buckets.size(), 64U);
    ASSERT_TRUE(values.size() <= 64 || series.buckets.size() > 32U) << "no coarser than need be";
    for (std::size_t i = 0; i < series.buckets.size(); ++i) {
      const std::size_t from = i * series.rows_per_bucket;
      const std::size_t to = std::min(values.size(), from + series.rows_per_bucket);
      const auto [least, greatest] = std::minmax_element(values.begin() + static_cast<std::ptrdiff_t>(from),
                                                         values.begin() + static_cast<std::ptrdiff_t>(to));
      EXPECT_EQ(series.buckets[i], (SeriesBucket{*least, *greatest, to - from}));
    }
  }
}

}  // namespace
}  // namespace topoforge
