#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "topoforge/base/matrix.hpp"
#include "topoforge/core/event/event.hpp"

/// Purpose: the last rows of a stream: the window at its end, and before it what calibration may learn from.
/// Memory: capacity * channels doubles, taken as rows come. Thread safety: one owner at a time.
namespace topoforge {

class RowHistory {
 public:
  /// capacity >= 1.
  RowHistory(std::size_t capacity, std::size_t channels);

  /// Appends a row; the oldest leaves when the history is full. O(channels).
  void push(std::span<const double> row, std::optional<Timestamp> timestamp);
  /// Rows held, at most capacity.
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t channels() const { return channels_; }
  /// Rows pushed ever; the newest row has the sequence number pushed() - 1.
  [[nodiscard]] std::uint64_t pushed() const { return pushed_; }

  /// Age 0 is the newest row; age < size().
  [[nodiscard]] std::span<const double> row(std::size_t age) const;
  [[nodiscard]] std::optional<Timestamp> timestamp(std::size_t age) const { return timestamps_[slot(age)]; }
  /// Whether calibration may learn from the row. True when pushed.
  [[nodiscard]] bool clean(std::size_t age) const { return clean_[slot(age)]; }
  void set_clean(std::size_t age, bool clean) { clean_[slot(age)] = clean; }

  /// The last `count` rows (count <= size()), oldest first.
  [[nodiscard]] Matrix last(std::size_t count) const;
  /// Keeps the newest rows only, at most `capacity`, and frees the rest.
  void shrink(std::size_t capacity);
  [[nodiscard]] std::size_t memory_bytes() const;

 private:
  [[nodiscard]] std::size_t slot(std::size_t age) const;

  std::size_t capacity_;
  std::size_t channels_;
  std::size_t size_ = 0;
  std::uint64_t pushed_ = 0;
  std::size_t head_ = 0;  ///< slot of the next row
  std::vector<double> values_;
  std::vector<std::optional<Timestamp>> timestamps_;
  std::vector<bool> clean_;
};

}  // namespace topoforge
