#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "topoforge/base/result.hpp"
#include "topoforge/core/event/event.hpp"

/// Purpose: times as text and as numbers. Units: UTC, microseconds; finer digits are cut off. Range: years 1 to 9999.
/// Source: ISO 8601 extended format, as RFC 3339 profiles it. Thread safety: pure.
namespace topoforge {

/// What a text showed beside the time itself; columns of one file have one shape.
struct IsoTimestamp {
  Timestamp time;
  bool has_time_of_day = false;
  bool has_zone = false;

  bool operator==(const IsoTimestamp&) const = default;
};

/// `YYYY-MM-DD`, or with `T` or a space `HH:MM`, `HH:MM:SS` or `HH:MM:SS.f...`, then nothing (which means UTC), `Z`,
/// `+hh:mm`, `+hhmm` or `+hh`. Errors: invalid_data; the message quotes the text and says what was wanted there.
Result<IsoTimestamp> parse_iso_timestamp(std::string_view text);

/// The unit of a number of time since 1970-01-01T00:00:00Z, by its magnitude: below 1e11 seconds, below 1e14
/// milliseconds, below 1e17 microseconds, else nanoseconds.
enum class EpochUnit { seconds, milliseconds, microseconds, nanoseconds };
EpochUnit epoch_unit(double number);

/// Errors: invalid_data for NaN, infinity and a time outside the years 1 to 9999.
Result<Timestamp> timestamp_from_epoch(double number);
Result<Timestamp> timestamp_from_epoch(std::int64_t number);

/// `2024-02-29T12:00:00Z`, with as many digits of the fraction as are needed: 3 or 6 or none.
std::string format_timestamp(Timestamp time);

}  // namespace topoforge
