#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "topoforge/base/result.hpp"
#include "topoforge/core/event/event.hpp"

/// Purpose: the times of a column, all of one shape. Thread safety: one owner at a time.
namespace topoforge {

/// What the times of a file look like.
enum class TimeShape {
  iso_date,   ///< 2024-02-29
  iso_local,  ///< 2024-02-29T12:00:00, taken as UTC
  iso_zoned,  ///< with Z or an offset
  epoch_seconds,
  epoch_milliseconds,
  epoch_microseconds,
  epoch_nanoseconds,
  index,  ///< a number below kFirstEpochNumber, such as a row number: an order, no time of a clock
  text,   ///< anything else: kept as it stands, not read
};
std::string_view to_string(TimeShape shape);

/// 1973-03-03 in seconds; smaller numbers are no epoch times.
inline constexpr double kFirstEpochNumber = 1e8;

struct TimeCell {
  TimeShape shape = TimeShape::text;
  std::optional<Timestamp> time;  ///< of a clock
  std::optional<double> order;    ///< grows with the time; nothing for text
};

class TimeColumn {
 public:
  /// Reads a cell that is not empty; the first one sets the shape. Errors: invalid_data for another shape than the
  /// first had, and for a text that begins as an ISO 8601 date and is none.
  Result<TimeCell> read(std::string_view text);
  [[nodiscard]] std::optional<TimeShape> shape() const { return shape_; }

 private:
  std::optional<TimeShape> shape_;
  std::string first_;
};

/// Whether the text is an ISO 8601 time.
bool is_iso_timestamp(std::string_view text);

}  // namespace topoforge
