#include "topoforge/core/window/row_history.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace topoforge {

RowHistory::RowHistory(std::size_t capacity, std::size_t channels) : capacity_(capacity), channels_(channels) {
  assert(capacity >= 1);
}

void RowHistory::push(std::span<const double> row, std::optional<Timestamp> timestamp) {
  assert(row.size() == channels_);
  if (size_ < capacity_) {
    values_.insert(values_.end(), row.begin(), row.end());
    timestamps_.push_back(timestamp);
    clean_.push_back(true);
    ++size_;
  } else {
    std::copy(row.begin(), row.end(), values_.begin() + static_cast<std::ptrdiff_t>(head_ * channels_));
    timestamps_[head_] = timestamp;
    clean_[head_] = true;
  }
  head_ = head_ + 1 == capacity_ ? 0 : head_ + 1;
  ++pushed_;
}

std::size_t RowHistory::slot(std::size_t age) const {
  assert(age < size_);
  return head_ > age ? head_ - 1 - age : head_ + capacity_ - 1 - age;
}

std::span<const double> RowHistory::row(std::size_t age) const {
  return {values_.data() + slot(age) * channels_, channels_};
}

Matrix RowHistory::last(std::size_t count) const {
  assert(count <= size_);
  Matrix rows(count, channels_);
  for (std::size_t i = 0; i < count; ++i) {
    const auto source = row(count - 1 - i);
    std::copy(source.begin(), source.end(), rows.row(i).begin());
  }
  return rows;
}

void RowHistory::shrink(std::size_t capacity) {
  RowHistory kept(capacity, channels_);
  const std::size_t count = std::min(capacity, size_);
  kept.values_.reserve(count * channels_);
  for (std::size_t age = count; age-- > 0;) {
    kept.push(row(age), timestamp(age));
    kept.set_clean(0, clean(age));
  }
  kept.pushed_ = pushed_;
  *this = std::move(kept);
}

std::size_t RowHistory::memory_bytes() const {
  return values_.capacity() * sizeof(double) + timestamps_.capacity() * sizeof(std::optional<Timestamp>) +
         clean_.capacity() / 8;
}

}  // namespace topoforge
