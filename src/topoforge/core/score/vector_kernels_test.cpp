#include "topoforge/core/score/vector_kernels.hpp"

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <tuple>
#include <vector>

#include "topoforge/base/random.hpp"

namespace topoforge {
namespace {

constexpr std::size_t kLongest = 70;

std::vector<float> normals(std::size_t count, Random& random) {
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(random.normal());
  return values;
}

/// Kernels that run while it lives use this instruction set alone.
class OnlyInstructionSet {
 public:
  explicit OnlyInstructionSet(std::int64_t target) {
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  }
  OnlyInstructionSet(const OnlyInstructionSet&) = delete;
  OnlyInstructionSet& operator=(const OnlyInstructionSet&) = delete;
  ~OnlyInstructionSet() {
    hwy::SetSupportedTargetsForTest(0);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  }
};

/// What this machine has of what the kernels are compiled for; the plain one is always among them.
std::vector<std::int64_t> instruction_sets() {
  std::vector<std::int64_t> sets;
  for (const std::int64_t target : {std::int64_t{HWY_AVX2}, std::int64_t{HWY_SSE4}}) {
    if ((hwy::SupportedTargets() & target) != 0) sets.push_back(target);
  }
  sets.push_back(HWY_STATIC_TARGET);
  return sets;
}

TEST(SquaredDistances, AgreeWithADoubleLoop) {
  for (std::size_t length = 1; length <= kLongest; ++length) {
    SCOPED_TRACE(length);
    Random random(length);
    for (std::size_t count = 0; count <= 3 * kBlockSize; count += kBlockSize) {
      const std::vector<float> query = normals(length, random);
      const std::vector<float> blocks = normals(length * count, random);
      std::vector<float> found(count, -1.0F);
      squared_distances(query, blocks.data(), found);
      for (std::size_t i = 0; i < count; ++i) {
        double expected = 0.0;
        for (std::size_t j = 0; j < length; ++j) {
          const float reference = blocks[(i / kBlockSize * length + j) * kBlockSize + i % kBlockSize];
          expected += std::pow(static_cast<double>(query[j]) - static_cast<double>(reference), 2);
        }
        ASSERT_NEAR(found[i], expected, 1e-5 * expected) << i;
      }
    }
  }
}

TEST(SlidingSquaredDistances, AgreeWithADoubleLoop) {
  for (std::size_t length = 1; length <= kLongest; ++length) {
    SCOPED_TRACE(length);
    Random random(length);
    for (std::size_t count = kBlockSize; count <= 3 * kBlockSize; count += kBlockSize) {
      const std::vector<float> query = normals(length, random);
      const std::vector<float> series = normals(count + length - 1, random);
      std::vector<float> found(count, -1.0F);
      sliding_squared_distances(query, series.data(), found);
      for (std::size_t i = 0; i < count; ++i) {
        double expected = 0.0;
        for (std::size_t j = 0; j < length; ++j)
          expected += std::pow(static_cast<double>(query[j]) - static_cast<double>(series[i + j]), 2);
        ASSERT_NEAR(found[i], expected, 1e-5 * expected) << i;
      }
    }
  }
}

TEST(SlidingSquaredDistances, AreZeroWhereTheSeriesRepeatsTheQuery) {
  Random random(1);
  const std::vector<float> series = normals(3 * kBlockSize + 9, random);
  for (const std::size_t place : {0U, 1U, 15U, 16U, 47U}) {
    std::vector<float> found(3 * kBlockSize);
    sliding_squared_distances(std::span(series).subspan(place, 10), series.data(), found);
    EXPECT_EQ(found[place], 0.0F) << place;
  }
}

TEST(SlideSquaredDistances, FollowTheQueryThroughItsSeries) {
  for (const std::size_t length : {1U, 2U, 7U, 8U, 33U, 100U}) {
    for (const std::size_t count : {1U, 2U, 4U, 5U, 9U, 64U, 129U}) {
      SCOPED_TRACE(testing::Message() << "length " << length << " count " << count);
      Random random(length * 1000 + count);
      const std::vector<float> series = normals(count + length - 1, random);
      const std::vector<float> path = normals(length + 300, random);
      const auto query = [&](std::size_t step) { return std::span(path).subspan(step, length); };
      std::vector<double> distances(count);
      for (std::size_t i = 0; i < count; ++i) distances[i] = squared_distance(query(0), series.data() + i);
      for (std::size_t step = 1; step <= 300; ++step)
        slide_squared_distances(query(step), series.data(), path[step - 1], distances);
      for (std::size_t i = 0; i < count; ++i) {
        double expected = 0.0;
        for (std::size_t j = 0; j < length; ++j)
          expected += std::pow(static_cast<double>(query(300)[j]) - static_cast<double>(series[i + j]), 2);
        ASSERT_NEAR(squared_distance(query(300), series.data() + i), expected, 1e-12 * expected) << i;
        ASSERT_NEAR(distances[i], expected, 1e-10 * static_cast<double>(length)) << i;
      }
    }
  }
}

TEST(Smallest, AreTheFirstOfTheSortedValues) {
  for (std::size_t size = 0; size <= 90; ++size) {
    Random random(size);
    std::vector<float> values = normals(size, random);
    for (std::size_t i = 1; i < size; i += 3) values[i] = values[random.below(i)];
    std::vector<float> sorted = values;
    std::sort(sorted.begin(), sorted.end());
    sorted.resize(std::max(size, kMostSmallest), std::numeric_limits<float>::infinity());
    for (std::size_t count = 1; count <= kMostSmallest; ++count) {
      std::vector<float> found(count);
      smallest(values, found);
      ASSERT_EQ(found, std::vector<float>(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(count))) << size;
    }
  }
}

TEST(SpanningTreeLength, IsThatOfKruskalsTree) {
  for (std::size_t points = 1; points <= kTreePoints; ++points) {
    for (const std::size_t dimension : {1U, 2U, 6U}) {
      Random random(points * 10 + dimension);
      std::vector<float> coordinates = normals(dimension * kTreePoints, random);
      for (std::size_t i = 3; i < points; i += 5) {
        for (std::size_t k = 0; k < dimension; ++k) coordinates[k * kTreePoints + i] = coordinates[k * kTreePoints];
      }
      std::vector<std::tuple<double, std::size_t, std::size_t>> edges;
      for (std::size_t a = 0; a < points; ++a) {
        for (std::size_t b = 0; b < a; ++b) {
          double squared = 0.0;
          for (std::size_t k = 0; k < dimension; ++k) {
            squared += std::pow(static_cast<double>(coordinates[k * kTreePoints + a]) -
                                    static_cast<double>(coordinates[k * kTreePoints + b]),
                                2);
          }
          edges.emplace_back(std::sqrt(squared), a, b);
        }
      }
      std::sort(edges.begin(), edges.end());
      std::vector<std::size_t> component(points);
      std::iota(component.begin(), component.end(), std::size_t{0});
      double expected = 0.0;
      for (const auto& [length, a, b] : edges) {
        const std::size_t joined = component[a];
        const std::size_t into = component[b];
        if (joined == into) continue;
        expected += length;
        std::replace(component.begin(), component.end(), joined, into);
      }
      ASSERT_NEAR(spanning_tree_length(coordinates.data(), dimension, points), expected, 1e-5 * (1.0 + expected))
          << points << " points in " << dimension;
    }
  }
}

TEST(InnerProducts, AgreeWithADoubleLoopAtAnyStride) {
  for (std::size_t length = 1; length <= kLongest; ++length) {
    Random random(length);
    for (const std::size_t stride : {std::size_t{0}, std::size_t{1}, length, length + 3}) {
      SCOPED_TRACE(testing::Message() << "length " << length << " stride " << stride);
      const std::size_t count = random.below(20);
      const std::vector<float> query = normals(length, random);
      const std::vector<float> rows = normals(count > 0 ? (count - 1) * stride + length : 0, random);
      std::vector<float> found(count, -1.0F);
      inner_products(query, rows.data(), stride, found);
      for (std::size_t i = 0; i < count; ++i) {
        double expected = 0.0;
        double size = 0.0;
        for (std::size_t j = 0; j < length; ++j) {
          const double product = static_cast<double>(query[j]) * static_cast<double>(rows[i * stride + j]);
          expected += product;
          size += std::abs(product);
        }
        ASSERT_NEAR(found[i], expected, 1e-6 * size) << i;
      }
    }
  }
}

TEST(AddWeightedRows, AgreesWithADoubleLoop) {
  for (std::size_t width = 1; width <= kLongest; ++width) {
    SCOPED_TRACE(width);
    Random random(width);
    const std::size_t count = random.below(20);
    const std::vector<float> weights = normals(count, random);
    const std::vector<float> rows = normals(count * width, random);
    const std::vector<float> before = normals(width, random);
    std::vector<float> found = before;
    add_weighted_rows(weights, rows.data(), found);
    for (std::size_t k = 0; k < width; ++k) {
      double expected = static_cast<double>(before[k]);
      for (std::size_t i = 0; i < count; ++i)
        expected += static_cast<double>(weights[i]) * static_cast<double>(rows[i * width + k]);
      ASSERT_NEAR(found[k], expected, 1e-5) << k;
    }
  }
}

TEST(VectorKernels, GiveTheSameBitsWithEveryInstructionSet) {
  for (std::size_t length = 1; length <= kLongest; ++length) {
    SCOPED_TRACE(length);
    Random random(length);
    constexpr std::size_t kCount = 2 * kBlockSize;
    const std::vector<float> query = normals(length, random);
    const std::vector<float> numbers = normals(kCount * length, random);
    const std::vector<float> series = normals(kCount + length - 1, random);
    const std::vector<float> weights = normals(kCount, random);
    std::vector<std::vector<float>> results;
    for (const std::int64_t set : instruction_sets()) {
      const OnlyInstructionSet only(set);
      std::vector<float> all(3 * kCount + length);
      std::vector<double> slid(kCount, 1.0);
      const std::span<float> places(all);
      squared_distances(query, numbers.data(), places.first(kCount));
      sliding_squared_distances(query, series.data(), places.subspan(kCount, kCount));
      inner_products(query, numbers.data(), length, places.subspan(2 * kCount, kCount));
      add_weighted_rows(weights, numbers.data(), places.last(length));
      slide_squared_distances(query, series.data(), 0.5F, slid);
      all.insert(all.end(), slid.begin(), slid.end());
      all.push_back(spanning_tree_length(weights.data(), 1, 1 + length % kTreePoints));
      all.resize(all.size() + 5);
      smallest(numbers, std::span(all).last(5));
      results.push_back(all);
    }
    for (const auto& result : results) ASSERT_EQ(result, results.front());
  }
}

}  // namespace
}  // namespace topoforge
