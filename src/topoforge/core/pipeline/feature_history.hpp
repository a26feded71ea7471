#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

/// Purpose: features of the shapes of the windows that were analysed lately, by the sequence number of the newest event
/// of each, so that a fit does not compute them again. Memory: in single precision, capacity * count numbers, taken as
/// windows come. Thread safety: one owner at a time.
namespace topoforge {

class FeatureHistory {
 public:
  /// For windows whose sequence numbers differ by less than capacity, at least 1, of `count` features each.
  FeatureHistory(std::size_t capacity, std::size_t count) : capacity_(capacity), count_(count) {}

  /// features: `count` of them; what is as old as capacity or older leaves its place. O(count).
  void put(std::uint64_t sequence, std::span<const double> features) {
    const std::size_t slot = sequence % capacity_;
    if (slot >= owners_.size()) {
      owners_.resize(slot + 1, kNobody);
      values_.resize(owners_.size() * count_);
    }
    owners_[slot] = sequence;
    std::transform(features.begin(), features.end(), values_.begin() + static_cast<std::ptrdiff_t>(slot * count_),
                   [](double feature) { return static_cast<float>(feature); });
  }
  /// Appends the features of a window, NaN where they are not known. O(count).
  void append_to(std::vector<float>& out, std::uint64_t sequence) const {
    const std::size_t slot = sequence % capacity_;
    if (slot < owners_.size() && owners_[slot] == sequence) {
      const auto begin = values_.begin() + static_cast<std::ptrdiff_t>(slot * count_);
      out.insert(out.end(), begin, begin + static_cast<std::ptrdiff_t>(count_));
    } else {
      out.insert(out.end(), count_, std::numeric_limits<float>::quiet_NaN());
    }
  }
  /// All of them: shapes are seen otherwise from now on.
  void forget() { std::ranges::fill(owners_, kNobody); }
  [[nodiscard]] std::size_t memory_bytes() const {
    return values_.capacity() * sizeof(float) + owners_.capacity() * sizeof(std::uint64_t);
  }

 private:
  static constexpr std::uint64_t kNobody = std::numeric_limits<std::uint64_t>::max();

  std::size_t capacity_;
  std::size_t count_;
  std::vector<std::uint64_t> owners_;
  std::vector<float> values_;
};

}  // namespace topoforge
