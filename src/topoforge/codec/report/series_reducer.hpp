#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

/// Purpose: a series of any length in bounded memory: least and greatest value of each of few runs of rows, so that no
/// peak is lost. Thread safety: one owner at a time.
namespace topoforge {

/// Values of consecutive rows; without a value count is 0.
struct SeriesBucket {
  double minimum = 0.0;
  double maximum = 0.0;
  std::size_t count = 0;

  bool operator==(const SeriesBucket&) const = default;
};

/// buckets[i] has the rows i * rows_per_bucket to (i + 1) * rows_per_bucket - 1; the last is not empty.
struct ReducedSeries {
  std::uint64_t rows_per_bucket = 1;
  std::vector<SeriesBucket> buckets;

  bool operator==(const ReducedSeries&) const = default;
};

inline constexpr std::size_t kMaxSeriesBuckets = 1200;

class SeriesReducer {
 public:
  /// max_buckets: at least 1 (asserted).
  explicit SeriesReducer(std::size_t max_buckets = kMaxSeriesBuckets);

  /// Rows may come in any order and may be left out. Amortised O(1). value must be finite (asserted).
  void add(std::uint64_t row, double value);
  [[nodiscard]] const ReducedSeries& series() const { return series_; }

 private:
  void halve();

  std::size_t max_buckets_;
  ReducedSeries series_;
};

}  // namespace topoforge
