#include "topoforge/codec/report/series_reducer.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace topoforge {
namespace {

void merge(SeriesBucket& into, const SeriesBucket& other) {
  if (other.count == 0) return;
  if (into.count == 0) {
    into = other;
    return;
  }
  into.minimum = std::min(into.minimum, other.minimum);
  into.maximum = std::max(into.maximum, other.maximum);
  into.count += other.count;
}

}  // namespace

SeriesReducer::SeriesReducer(std::size_t max_buckets) : max_buckets_(max_buckets) { assert(max_buckets >= 1); }

void SeriesReducer::add(std::uint64_t row, double value) {
  assert(std::isfinite(value));
  while (row / series_.rows_per_bucket >= max_buckets_) halve();
  const auto index = static_cast<std::size_t>(row / series_.rows_per_bucket);
  if (index >= series_.buckets.size()) series_.buckets.resize(index + 1);
  merge(series_.buckets[index], {.minimum = value, .maximum = value, .count = 1});
}

void SeriesReducer::halve() {
  auto& buckets = series_.buckets;
  const std::size_t kept = (buckets.size() + 1) / 2;
  for (std::size_t i = 0; i < kept; ++i) {
    SeriesBucket both = buckets[2 * i];
    if (2 * i + 1 < buckets.size()) merge(both, buckets[2 * i + 1]);
    buckets[i] = both;
  }
  buckets.resize(kept);
  series_.rows_per_bucket *= 2;
}

}  // namespace topoforge
