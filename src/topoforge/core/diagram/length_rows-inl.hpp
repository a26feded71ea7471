// Compiled once for each instruction set, so without #pragma once: see link_engine.cpp.
#if defined(TOPOFORGE_LENGTH_ROWS_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef TOPOFORGE_LENGTH_ROWS_INL
#undef TOPOFORGE_LENGTH_ROWS_INL
#else
#define TOPOFORGE_LENGTH_ROWS_INL
#endif

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include <hwy/highway.h>

#include "topoforge/core/diagram/edge_order.hpp"
#include "topoforge/core/diagram/vertex_set.hpp"

/// Purpose: the lengths of all edges between n <= 64 * kWords points, for questions about their total order.
/// Method: beside the exact lengths stands a square matrix of them rounded to float. Rounding keeps the order, so that
/// unequal floats decide; only for equal ones are the exact lengths looked at, and for equal lengths the ends. Answers
/// are exact, at the speed of float.
/// Memory: 4 n bytes for each of 64 * kWords. Internal to core/diagram. Thread safety: none.
HWY_BEFORE_NAMESPACE();
namespace topoforge::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using FloatTag = hn::CappedTag<float, 16>;
inline constexpr std::size_t kFloatLanes = hn::MaxLanes(FloatTag());

/// Bit i for lane i.
template <class Mask>
std::uint64_t bits_of(Mask mask) {
#if HWY_TARGET == HWY_AVX3
  return mask.raw;
#elif HWY_TARGET == HWY_AVX2
  return static_cast<std::uint32_t>(_mm256_movemask_ps(mask.raw));
#else
  std::array<std::uint8_t, 8> bytes{};
  hn::StoreMaskBits(FloatTag(), mask, bytes.data());
  return bytes[0] | static_cast<std::uint64_t>(bytes[1]) << 8;
#endif
}

template <std::size_t kWords>
class LengthRows {
 public:
  using Set = VertexSet<kWords>;
  static constexpr std::size_t kStride = 64 * kWords;

  /// The lengths are kept, not copied: who changes them calls `replaced`.
  void load(EdgeLengths lengths, std::size_t n) {
    lengths_ = lengths;
    if (n != n_) {
      n_ = n;
      rows_.assign(n, filled_row());
    }
    const double* from = lengths_.lower;
    for (std::size_t head = 1; head < n; from += head, ++head) {
      float* const row = rows_[head].data();
      for (std::size_t tail = 0; tail < head; ++tail) row[tail] = rounded(from[tail]);
    }
    mirror();
  }
  /// The lengths of all edges at `vertex` are new.
  void replaced(std::size_t vertex) {
    for (std::size_t x = 0; x < n_; ++x) {
      if (x != vertex) rows_[vertex][x] = rows_[x][vertex] = rounded(lengths_.of(EdgeEnds::between(vertex, x)));
    }
  }

  /// Rounded lengths from `vertex`; NaN for itself and for what is no vertex.
  [[nodiscard]] const float* row(std::size_t vertex) const { return rows_[vertex].data(); }

  /// The vertices that edges before `edge` join to `vertex`. not_in, another vertex or kStride, is never one of them.
  [[nodiscard]] Set nearer(std::size_t vertex, const EdgeKey& edge, std::size_t not_in = kStride) {
    ++scans_.rows;
    const FloatTag tag;
    const auto limit = hn::Set(tag, rounded(edge.length));
    const float* const from = row(vertex);
    Set found;
    for (std::size_t word = 0; word < kWords; ++word) {
      std::uint64_t less = 0;
      std::uint64_t equal = 0;
      for (std::size_t lane = 0; lane < 64; lane += kFloatLanes) {
        const auto run = hn::Load(tag, from + 64 * word + lane);
        less |= bits_of(hn::Lt(run, limit)) << lane;
        equal |= bits_of(hn::Eq(run, limit)) << lane;
      }
      if (word == not_in / 64) equal &= ~(std::uint64_t{1} << (not_in % 64));
      scans_.ties += static_cast<std::size_t>(std::popcount(equal));
      for (; equal != 0; equal &= equal - 1) {
        const auto bit = static_cast<std::size_t>(std::countr_zero(equal));
        if (lengths_.key(vertex, 64 * word + bit) < edge) less |= std::uint64_t{1} << bit;
      }
      found.words[word] = less;
    }
    return found;
  }

  /// What nearer() was asked for since restart_scans().
  struct Scans {
    std::size_t rows = 0;
    std::size_t ties = 0;  ///< lengths that round to that of the edge
  };
  void restart_scans() { scans_ = {}; }
  [[nodiscard]] Scans scans() const { return scans_; }

  /// Not decreasing; a length beyond the largest float is that one.
  static float rounded(double length) {
    return static_cast<float>(std::min(length, static_cast<double>(std::numeric_limits<float>::max())));
  }

 private:
  struct alignas(64) Row : std::array<float, kStride> {};

  static Row filled_row() {
    Row row;
    row.fill(std::numeric_limits<float>::quiet_NaN());
    return row;
  }

  /// The upper triangle from the lower one, block by block for the cache.
  void mirror() {
    constexpr std::size_t kBlock = 16;
    for (std::size_t rows = 0; rows < n_; rows += kBlock) {
      for (std::size_t columns = 0; columns <= rows; columns += kBlock) {
        for (std::size_t i = rows; i < std::min(rows + kBlock, n_); ++i) {
          for (std::size_t j = columns; j < std::min(columns + kBlock, i); ++j) rows_[j][i] = rows_[i][j];
        }
      }
    }
  }

  EdgeLengths lengths_;
  std::size_t n_ = 0;
  std::vector<Row> rows_;
  Scans scans_;
};

}  // namespace topoforge::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
