#include "topoforge/codec/csv/time_column.hpp"

#include <charconv>
#include <cmath>
#include <cstdint>

#include <fmt/format.h>

#include "topoforge/codec/text/number.hpp"
#include "topoforge/codec/text/quote.hpp"
#include "topoforge/codec/text/timestamp.hpp"

namespace topoforge {
namespace {

bool begins_as_date(std::string_view text) {
  constexpr std::string_view kPattern = "dddd-dd-dd";
  if (text.size() < kPattern.size()) return false;
  for (std::size_t i = 0; i < kPattern.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (kPattern[i] == 'd' ? !digit : text[i] != '-') return false;
  }
  return true;
}

double order_of(Timestamp time) { return static_cast<double>(time.time_since_epoch().count()); }

TimeShape epoch_shape(double number) {
  switch (epoch_unit(number)) {
    case EpochUnit::seconds: return TimeShape::epoch_seconds;
    case EpochUnit::milliseconds: return TimeShape::epoch_milliseconds;
    case EpochUnit::microseconds: return TimeShape::epoch_microseconds;
    case EpochUnit::nanoseconds: return TimeShape::epoch_nanoseconds;
  }
  return TimeShape::epoch_seconds;
}

Result<TimeCell> read_iso(std::string_view text) {
  return parse_iso_timestamp(text).map([](const IsoTimestamp& iso) {
    const TimeShape shape = !iso.has_time_of_day ? TimeShape::iso_date
                            : iso.has_zone       ? TimeShape::iso_zoned
                                                 : TimeShape::iso_local;
    return TimeCell{shape, iso.time, order_of(iso.time)};
  });
}

Result<TimeCell> read_epoch(std::string_view text, double number) {
  std::int64_t whole = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), whole);
  const bool is_whole = read.ec == std::errc{} && read.ptr == text.data() + text.size();
  const auto time = is_whole ? timestamp_from_epoch(whole) : timestamp_from_epoch(number);
  if (!time) return tl::unexpected(time.error());
  return TimeCell{epoch_shape(number), *time, order_of(*time)};
}

}  // namespace

std::string_view to_string(TimeShape shape) {
  switch (shape) {
    case TimeShape::iso_date: return "an ISO 8601 date";
    case TimeShape::iso_local: return "an ISO 8601 time without zone";
    case TimeShape::iso_zoned: return "an ISO 8601 time with zone";
    case TimeShape::epoch_seconds: return "an epoch time in seconds";
    case TimeShape::epoch_milliseconds: return "an epoch time in milliseconds";
    case TimeShape::epoch_microseconds: return "an epoch time in microseconds";
    case TimeShape::epoch_nanoseconds: return "an epoch time in nanoseconds";
    case TimeShape::index: return "a number that is no epoch time";
    case TimeShape::text: return "text";
  }
  return "text";
}

bool is_iso_timestamp(std::string_view text) { return begins_as_date(text) && parse_iso_timestamp(text).has_value(); }

Result<TimeCell> TimeColumn::read(std::string_view text) {
  text = trimmed(text);
  Result<TimeCell> cell = TimeCell{};
  const auto number = parse_number(text);
  if (begins_as_date(text)) {
    cell = read_iso(text);
  } else if (number && (*number < kFirstEpochNumber || shape_ == TimeShape::index)) {
    cell = TimeCell{TimeShape::index, std::nullopt, *number};
  } else if (number) {
    cell = read_epoch(text, *number);
  }
  if (!cell) return cell;
  if (!shape_) {
    shape_ = cell->shape;
    first_ = text;
  } else if (*shape_ != cell->shape) {
    return fail(ErrorCode::invalid_data,
                fmt::format("{} is {}; the times of the file began with {}, {}", quote_text(text),
                            to_string(cell->shape), quote_text(first_), to_string(*shape_)));
  }
  return cell;
}

}  // namespace topoforge
