#include "topoforge/codec/text/timestamp.hpp"

#include <chrono>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "topoforge/codec/text/quote.hpp"

namespace topoforge {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::sys_days;

constexpr Timestamp kFirst = sys_days{std::chrono::year{1} / 1 / 1};
constexpr Timestamp kEnd = sys_days{std::chrono::year{10000} / 1 / 1};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Reads one text from left to right; the first thing that is not as wanted stays in `problem`.
class IsoReader {
 public:
  explicit IsoReader(std::string_view text) : rest_(text) {}

  std::string problem;

  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  [[nodiscard]] char peek() const { return rest_.empty() ? '\0' : rest_.front(); }

  bool accept(char wanted) {
    if (peek() != wanted || rest_.empty()) return false;
    rest_.remove_prefix(1);
    return true;
  }

  /// Exactly `width` digits, of a value from `low` to `high`.
  std::optional<int> number(std::string_view what, std::size_t width, int low, int high) {
    int value = 0;
    for (std::size_t i = 0; i < width; ++i) {
      if (i >= rest_.size() || !is_digit(rest_[i])) {
        problem = fmt::format("wanted {} digits of the {}", width, what);
        return std::nullopt;
      }
      value = value * 10 + (rest_[i] - '0');
    }
    if (value < low || value > high) {
      problem = fmt::format("{} {} is not in {} to {}", what, value, low, high);
      return std::nullopt;
    }
    rest_.remove_prefix(width);
    return value;
  }

  bool expect(char wanted, std::string_view where) {
    if (accept(wanted)) return true;
    problem = fmt::format("wanted '{}' {}", wanted, where);
    return false;
  }

  /// Digits after the decimal sign, as microseconds; further digits are cut off.
  std::optional<microseconds> fraction() {
    if (!is_digit(peek())) {
      problem = "wanted a digit after the decimal sign";
      return std::nullopt;
    }
    int value = 0;
    int scale = 1'000'000;
    for (; is_digit(peek()); rest_.remove_prefix(1)) {
      if (scale == 1) continue;
      value = value * 10 + (peek() - '0');
      scale /= 10;
    }
    return microseconds{static_cast<std::int64_t>(value) * scale};
  }

 private:
  std::string_view rest_;
};

std::optional<sys_days> read_date(IsoReader& reader) {
  const auto year = reader.number("year", 4, 1, 9999);
  if (!year || !reader.expect('-', "after the year")) return std::nullopt;
  const auto month = reader.number("month", 2, 1, 12);
  if (!month || !reader.expect('-', "after the month")) return std::nullopt;
  const auto day = reader.number("day", 2, 1, 31);
  if (!day) return std::nullopt;
  const auto date = std::chrono::year{*year} / *month / *day;
  if (!date.ok()) {
    reader.problem = fmt::format("month {} of {} has no day {}", *month, *year, *day);
    return std::nullopt;
  }
  return sys_days{date};
}

std::optional<microseconds> read_time_of_day(IsoReader& reader) {
  const auto hour = reader.number("hour", 2, 0, 23);
  if (!hour || !reader.expect(':', "after the hour")) return std::nullopt;
  const auto minute = reader.number("minute", 2, 0, 59);
  if (!minute) return std::nullopt;
  microseconds time = hours{*hour} + minutes{*minute};
  if (!reader.accept(':')) return time;
  const auto second = reader.number("second", 2, 0, 59);
  if (!second) return std::nullopt;
  time += seconds{*second};
  if (!reader.accept('.') && !reader.accept(',')) return time;
  const auto fraction = reader.fraction();
  if (!fraction) return std::nullopt;
  return time + *fraction;
}

/// The offset from UTC; at the end of the text none.
std::optional<minutes> read_zone(IsoReader& reader, bool& has_zone) {
  has_zone = !reader.at_end();
  if (!has_zone || reader.accept('Z') || reader.accept('z')) return minutes{0};
  const bool west = reader.peek() == '-';
  if (!reader.accept('-') && !reader.accept('+')) {
    reader.problem = "wanted the end, 'Z' or an offset as +hh:mm after the time";
    return std::nullopt;
  }
  const auto hour = reader.number("hour of the offset", 2, 0, 23);
  if (!hour) return std::nullopt;
  minutes offset = hours{*hour};
  if (!reader.at_end()) {
    reader.accept(':');
    const auto minute = reader.number("minute of the offset", 2, 0, 59);
    if (!minute) return std::nullopt;
    offset += minutes{*minute};
  }
  return west ? -offset : offset;
}

std::optional<IsoTimestamp> read_iso(IsoReader& reader) {
  IsoTimestamp result;
  const auto date = read_date(reader);
  if (!date) return std::nullopt;
  result.time = *date;
  if (reader.accept('T') || reader.accept('t') || reader.accept(' ')) {
    const auto time_of_day = read_time_of_day(reader);
    if (!time_of_day) return std::nullopt;
    const auto offset = read_zone(reader, result.has_zone);
    if (!offset) return std::nullopt;
    result.time += *time_of_day - *offset;
    result.has_time_of_day = true;
  }
  if (!reader.at_end()) {
    reader.problem = result.has_time_of_day ? "wanted the end after the offset" : "wanted the end, 'T' or a space";
    return std::nullopt;
  }
  if (result.time < kFirst || result.time >= kEnd) {
    reader.problem = "in UTC it is outside the years 1 to 9999";
    return std::nullopt;
  }
  return result;
}

std::int64_t units_per_second(EpochUnit unit) {
  switch (unit) {
    case EpochUnit::seconds: return 1;
    case EpochUnit::milliseconds: return 1'000;
    case EpochUnit::microseconds: return 1'000'000;
    case EpochUnit::nanoseconds: return 1'000'000'000;
  }
  return 1;
}

Result<Timestamp> checked(Timestamp time, double number) {
  if (time >= kFirst && time < kEnd) return time;
  return fail(ErrorCode::invalid_data, fmt::format("epoch time {} is outside the years 1 to 9999", number));
}

}  // namespace

Result<IsoTimestamp> parse_iso_timestamp(std::string_view text) {
  IsoReader reader(text);
  const auto read = read_iso(reader);
  if (read) return *read;
  return fail(ErrorCode::invalid_data, fmt::format("{} is no ISO 8601 time (such as 2024-02-29T12:00:00Z): {}",
                                                   quote_text(text), reader.problem));
}

EpochUnit epoch_unit(double number) {
  const double magnitude = std::abs(number);
  if (magnitude < 1e11) return EpochUnit::seconds;
  if (magnitude < 1e14) return EpochUnit::milliseconds;
  if (magnitude < 1e17) return EpochUnit::microseconds;
  return EpochUnit::nanoseconds;
}

Result<Timestamp> timestamp_from_epoch(double number) {
  if (!std::isfinite(number) || std::abs(number) > 9.2e18) {
    return fail(ErrorCode::invalid_data, fmt::format("epoch time {} is outside the years 1 to 9999", number));
  }
  const auto per_second = static_cast<double>(units_per_second(epoch_unit(number)));
  // Whole units and the rest apart: the product of both would round to 2 microseconds for seconds of today.
  const double whole = std::floor(number);
  const double rest = number - whole;
  const double per_unit = 1e6 / per_second;
  const auto ticks = per_unit >= 1.0 ? static_cast<std::int64_t>(whole) * static_cast<std::int64_t>(per_unit) +
                                           static_cast<std::int64_t>(std::floor(rest * per_unit + 0.5))
                                     : static_cast<std::int64_t>(std::floor(number * per_unit));
  return checked(Timestamp{microseconds{ticks}}, number);
}

Result<Timestamp> timestamp_from_epoch(std::int64_t number) {
  const std::int64_t per_second = units_per_second(epoch_unit(static_cast<double>(number)));
  const std::int64_t ticks = per_second <= 1'000'000
                                 ? number * (1'000'000 / per_second)
                                 : std::chrono::floor<microseconds>(std::chrono::nanoseconds{number}).count();
  return checked(Timestamp{microseconds{ticks}}, static_cast<double>(number));
}

std::string format_timestamp(Timestamp time) {
  const auto day = std::chrono::floor<days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss<microseconds> clock{time - day};
  std::string text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                                 static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                                 clock.hours().count(), clock.minutes().count(), clock.seconds().count());
  const auto fraction = clock.subseconds().count();
  if (fraction % 1000 != 0) {
    text += fmt::format(".{:06}", fraction);
  } else if (fraction != 0) {
    text += fmt::format(".{:03}", fraction / 1000);
  }
  return text + "Z";
}

}  // namespace topoforge
