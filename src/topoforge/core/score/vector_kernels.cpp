#include "topoforge/core/score/vector_kernels.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

#ifndef HWY_DISABLED_TARGETS
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_AVX3 | HWY_AVX3_DL)
#endif
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "topoforge/core/score/vector_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace topoforge::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

/// So many partial sums, whatever the width of a vector: the order of additions is part of the result.
constexpr std::size_t kLanes = kBlockSize;
using Tag = hn::CappedTag<float, 8>;
constexpr std::size_t kWidth = hn::MaxLanes(Tag());
constexpr std::size_t kVectors = kLanes / kWidth;
using Vector = hn::Vec<Tag>;

/// Sum of term(a, b) over pairs of numbers. Products are rounded before they are added, as without fused instructions.
template <class Term>
float sum_of(const float* a, const float* b, std::size_t count, const Term& term) {
  const Tag tag;
  Vector sums[kVectors];
  for (auto& sum : sums) sum = hn::Zero(tag);
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (std::size_t v = 0; v < kVectors; ++v) {
      sums[v] = hn::Add(sums[v], term(hn::LoadU(tag, a + i + v * kWidth), hn::LoadU(tag, b + i + v * kWidth)));
    }
  }
  if (i < count) {
    alignas(64) float rest_a[kLanes] = {};
    alignas(64) float rest_b[kLanes] = {};
    for (std::size_t k = 0; i + k < count; ++k) {
      rest_a[k] = a[i + k];
      rest_b[k] = b[i + k];
    }
    for (std::size_t v = 0; v < kVectors; ++v) {
      sums[v] = hn::Add(sums[v], term(hn::Load(tag, rest_a + v * kWidth), hn::Load(tag, rest_b + v * kWidth)));
    }
  }
  alignas(64) float lanes[kLanes];
  for (std::size_t v = 0; v < kVectors; ++v) hn::Store(sums[v], tag, lanes + v * kWidth);
  for (std::size_t half = kLanes / 2; half > 0; half /= 2) {
    for (std::size_t k = 0; k < half; ++k) lanes[k] += lanes[k + half];
  }
  return lanes[0];
}

/// For each block of kBlockSize results: the sum over j of (query[j] - numbers[j * stride ..])^2.
void distances_in_blocks(std::span<const float> query, const float* numbers, std::size_t stride, std::size_t block_step,
                         std::span<float> out) {
  const Tag tag;
  for (std::size_t first = 0; first < out.size(); first += kLanes, numbers += block_step) {
    Vector sums[kVectors];
    for (auto& sum : sums) sum = hn::Zero(tag);
    for (std::size_t j = 0; j < query.size(); ++j) {
      const Vector value = hn::Set(tag, query[j]);
      for (std::size_t v = 0; v < kVectors; ++v) {
        const Vector difference = hn::Sub(value, hn::LoadU(tag, numbers + j * stride + v * kWidth));
        sums[v] = hn::Add(sums[v], hn::Mul(difference, difference));
      }
    }
    for (std::size_t v = 0; v < kVectors; ++v) hn::StoreU(sums[v], tag, out.data() + first + v * kWidth);
  }
}

void squared_distances(std::span<const float> query, const float* blocks, std::span<float> out) {
  distances_in_blocks(query, blocks, kLanes, kLanes * query.size(), out);
}

void sliding_squared_distances(std::span<const float> query, const float* series, std::span<float> out) {
  distances_in_blocks(query, series, 1, kLanes, out);
}

double squared_distance(std::span<const float> query, const float* numbers) {
  constexpr std::size_t kSums = 8;
  const hn::CappedTag<double, 4> tag;
  const hn::Rebind<float, decltype(tag)> narrow;
  constexpr std::size_t kFew = hn::MaxLanes(tag);
  hn::Vec<decltype(tag)> sums[kSums / kFew];
  for (auto& sum : sums) sum = hn::Zero(tag);
  std::size_t i = 0;
  for (; i + kSums <= query.size(); i += kSums) {
    for (std::size_t v = 0; v < kSums / kFew; ++v) {
      const std::size_t at = i + v * kFew;
      const auto difference = hn::Sub(hn::PromoteTo(tag, hn::LoadU(narrow, query.data() + at)),
                                      hn::PromoteTo(tag, hn::LoadU(narrow, numbers + at)));
      sums[v] = hn::Add(sums[v], hn::Mul(difference, difference));
    }
  }
  alignas(64) double lanes[kSums];
  for (std::size_t v = 0; v < kSums / kFew; ++v) hn::Store(sums[v], tag, lanes + v * kFew);
  for (; i < query.size(); ++i) {
    const double difference = static_cast<double>(query[i]) - static_cast<double>(numbers[i]);
    lanes[i % kSums] += difference * difference;
  }
  for (std::size_t half = kSums / 2; half > 0; half /= 2) {
    for (std::size_t k = 0; k < half; ++k) lanes[k] += lanes[k + half];
  }
  return lanes[0];
}

void slide_squared_distances(std::span<const float> query, const float* series, float left,
                             std::span<double> distances) {
  const hn::CappedTag<double, 4> tag;
  const hn::Rebind<float, decltype(tag)> narrow;
  const std::size_t width = hn::Lanes(tag);
  const std::size_t length = query.size();
  const auto old = hn::Set(tag, static_cast<double>(left));
  const auto young = hn::Set(tag, static_cast<double>(query.back()));
  // From the end, so that what is read was not yet written.
  std::size_t end = distances.size();
  for (; end > width; end -= width) {
    const std::size_t before = end - width - 1;
    const auto out = hn::Sub(old, hn::PromoteTo(tag, hn::LoadU(narrow, series + before)));
    const auto in = hn::Sub(young, hn::PromoteTo(tag, hn::LoadU(narrow, series + before + length)));
    const auto changed = hn::Sub(hn::Mul(in, in), hn::Mul(out, out));
    hn::StoreU(hn::Add(hn::LoadU(tag, distances.data() + before), changed), tag, distances.data() + before + 1);
  }
  for (; end > 1; --end) {
    const double out = static_cast<double>(left) - static_cast<double>(series[end - 2]);
    const double in = static_cast<double>(query.back()) - static_cast<double>(series[end - 2 + length]);
    distances[end - 1] = distances[end - 2] + (in * in - out * out);
  }
  distances[0] = squared_distance(query, series);
}

void smallest(std::span<const float> values, std::span<float> out) {
  const Tag tag;
  const float infinity = std::numeric_limits<float>::infinity();
  std::fill(out.begin(), out.end(), infinity);
  const auto enter = [&out](float value) {
    if (!(value < out.back())) return;
    std::size_t place = out.size() - 1;
    for (; place > 0 && out[place - 1] > value; --place) out[place] = out[place - 1];
    out[place] = value;
  };
  // The least of each lane are values too, so that none greater than the last of their smallest counts.
  Vector least[kVectors];
  for (auto& lane : least) lane = hn::Set(tag, infinity);
  std::size_t i = 0;
  for (; i + kLanes <= values.size(); i += kLanes) {
    for (std::size_t v = 0; v < kVectors; ++v)
      least[v] = hn::Min(least[v], hn::LoadU(tag, values.data() + i + v * kWidth));
  }
  alignas(64) float lanes[kLanes];
  for (std::size_t v = 0; v < kVectors; ++v) hn::Store(least[v], tag, lanes + v * kWidth);
  for (const float value : lanes) enter(value);
  const Vector bound = hn::Set(tag, out.back());
  std::fill(out.begin(), out.end(), infinity);
  for (i = 0; i + kWidth <= values.size(); i += kWidth) {
    if (hn::AllFalse(tag, hn::Le(hn::LoadU(tag, values.data() + i), bound))) continue;
    for (std::size_t k = i; k < i + kWidth; ++k) enter(values[k]);
  }
  for (; i < values.size(); ++i) enter(values[i]);
}

float spanning_tree_length(const float* coordinates, std::size_t dimension, std::size_t points) {
  const Tag tag;
  constexpr std::size_t kTreeVectors = kTreePoints / kWidth;
  const float infinity = std::numeric_limits<float>::infinity();
  alignas(64) float joined[kTreePoints] = {};  // infinite for what cannot be the next of the tree
  for (std::size_t i = points; i < kTreePoints; ++i) joined[i] = infinity;
  Vector nearest[kTreeVectors];
  for (auto& several : nearest) several = hn::Set(tag, infinity);
  std::size_t last = 0;
  float length = 0.0F;
  // Prim's algorithm.
  for (std::size_t left = points - 1; left > 0; --left) {
    joined[last] = infinity;
    Vector least = hn::Set(tag, infinity);
    Vector place = hn::Zero(tag);
    for (std::size_t v = 0; v < kTreeVectors; ++v) {
      Vector away = hn::Zero(tag);
      for (std::size_t k = 0; k < dimension; ++k) {
        const float* const coordinate = coordinates + k * kTreePoints;
        const Vector difference = hn::Sub(hn::LoadU(tag, coordinate + v * kWidth), hn::Set(tag, coordinate[last]));
        away = hn::Add(away, hn::Mul(difference, difference));
      }
      nearest[v] = hn::Min(nearest[v], away);
      const Vector open = hn::Add(nearest[v], hn::Load(tag, joined + v * kWidth));
      const auto nearer = hn::Lt(open, least);
      least = hn::IfThenElse(nearer, open, least);
      place = hn::IfThenElse(nearer, hn::Iota(tag, static_cast<float>(v * kWidth)), place);
    }
    alignas(64) float lengths[kWidth];
    alignas(64) float places[kWidth];
    hn::Store(least, tag, lengths);
    hn::Store(place, tag, places);
    // Of those that are as near the first, whatever the width of a vector.
    std::size_t best = 0;
    for (std::size_t k = 1; k < kWidth; ++k) {
      const bool nearer = lengths[k] < lengths[best] || (lengths[k] == lengths[best] && places[k] < places[best]);
      best = nearer ? k : best;
    }
    length += std::sqrt(lengths[best]);
    last = static_cast<std::size_t>(places[best]);
  }
  return length;
}

void inner_products(std::span<const float> query, const float* rows, std::size_t stride, std::span<float> out) {
  const auto term = [](Vector a, Vector b) HWY_ATTR { return hn::Mul(a, b); };
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = sum_of(query.data(), rows + i * stride, query.size(), term);
}

void add_weighted_rows(std::span<const float> weights, const float* rows, std::span<float> sum) {
  const Tag tag;
  const std::size_t width = sum.size();
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const float* const row = rows + i * width;
    const Vector weight = hn::Set(tag, weights[i]);
    std::size_t k = 0;
    for (; k + kWidth <= width; k += kWidth) {
      hn::StoreU(hn::Add(hn::LoadU(tag, sum.data() + k), hn::Mul(weight, hn::LoadU(tag, row + k))), tag,
                 sum.data() + k);
    }
    for (; k < width; ++k) sum[k] += weights[i] * row[k];
  }
}

}  // namespace
}  // namespace topoforge::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace topoforge {

HWY_EXPORT(squared_distances);
HWY_EXPORT(sliding_squared_distances);
HWY_EXPORT(squared_distance);
HWY_EXPORT(slide_squared_distances);
HWY_EXPORT(smallest);
HWY_EXPORT(spanning_tree_length);
HWY_EXPORT(inner_products);
HWY_EXPORT(add_weighted_rows);

void squared_distances(std::span<const float> query, const float* blocks, std::span<float> out) {
  assert(out.size() % kBlockSize == 0);
  HWY_DYNAMIC_DISPATCH(squared_distances)(query, blocks, out);
}

void sliding_squared_distances(std::span<const float> query, const float* series, std::span<float> out) {
  assert(out.size() % kBlockSize == 0);
  HWY_DYNAMIC_DISPATCH(sliding_squared_distances)(query, series, out);
}

double squared_distance(std::span<const float> query, const float* numbers) {
  return HWY_DYNAMIC_DISPATCH(squared_distance)(query, numbers);
}

void slide_squared_distances(std::span<const float> query, const float* series, float left,
                             std::span<double> distances) {
  assert(!query.empty() && !distances.empty());
  HWY_DYNAMIC_DISPATCH(slide_squared_distances)(query, series, left, distances);
}

float spanning_tree_length(const float* coordinates, std::size_t dimension, std::size_t points) {
  assert(points >= 1 && points <= kTreePoints);
  return HWY_DYNAMIC_DISPATCH(spanning_tree_length)(coordinates, dimension, points);
}

void smallest(std::span<const float> values, std::span<float> out) {
  assert(!out.empty() && out.size() <= kMostSmallest);
  HWY_DYNAMIC_DISPATCH(smallest)(values, out);
}

void inner_products(std::span<const float> query, const float* rows, std::size_t stride, std::span<float> out) {
  HWY_DYNAMIC_DISPATCH(inner_products)(query, rows, stride, out);
}

void add_weighted_rows(std::span<const float> weights, const float* rows, std::span<float> sum) {
  HWY_DYNAMIC_DISPATCH(add_weighted_rows)(weights, rows, sum);
}

}  // namespace topoforge
#endif
