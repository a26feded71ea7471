#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <vector>

/// Purpose: the median of the newest values of a series. Thread safety: none.
namespace topoforge {

class RunningMedian {
 public:
  /// Of the newest `capacity` values, one or more.
  explicit RunningMedian(std::size_t capacity) : capacity_(capacity) { assert(capacity >= 1); }

  /// O(capacity), a move of memory.
  void push(float value) {
    if (ring_.size() == capacity_) {
      sorted_.erase(std::lower_bound(sorted_.begin(), sorted_.end(), ring_[oldest_]));
      ring_[oldest_] = value;
      oldest_ = (oldest_ + 1) % capacity_;
    } else {
      ring_.push_back(value);
    }
    sorted_.insert(std::upper_bound(sorted_.begin(), sorted_.end(), value), value);
  }
  [[nodiscard]] bool empty() const { return ring_.empty(); }
  /// The higher of two in the middle. Needs a value.
  [[nodiscard]] float median() const {
    assert(!empty());
    return sorted_[sorted_.size() / 2];
  }
  [[nodiscard]] std::size_t memory_bytes() const { return (ring_.capacity() + sorted_.capacity()) * sizeof(float); }

 private:
  std::size_t capacity_;
  std::vector<float> ring_;
  std::vector<float> sorted_;
  std::size_t oldest_ = 0;
};

}  // namespace topoforge
