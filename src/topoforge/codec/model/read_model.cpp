#include "topoforge/codec/model/read_model.hpp"

#include <charconv>
#include <cmath>
#include <utility>

#include "topoforge/codec/text/quote.hpp"
#include "topoforge/codec/text/timestamp.hpp"

namespace topoforge {
namespace {

constexpr double kGreatestExactInteger = 9007199254740992.0;  // 2^53

/// Of UTF-8: bytes that do not continue a character.
std::size_t characters(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xc0U) != 0x80U ? 1 : 0;
  return count;
}

bool is_secret(const Rule& rule) { return rule.format == "password"; }

std::string describe(const boost::json::value& json, const Rule& rule) {
  return is_secret(rule) && json.is_primitive() ? "something else" : describe_json(json);
}

/// "from 1 to 10", "of at least 1", "of at most 10".
template <class Number>
std::string range_text(std::optional<Number> least, std::optional<Number> most) {
  if (least && most) return fmt::format("from {} to {}", *least, *most);
  return least ? fmt::format("of at least {}", *least) : fmt::format("of at most {}", *most);
}

}  // namespace

boost::json::value number_of_field(const std::string& text) {
  const char* const end = text.data() + text.size();
  std::int64_t integer = 0;
  if (const auto [stop, error] = std::from_chars(text.data(), end, integer); error == std::errc() && stop == end) {
    return integer;
  }
  double number = 0.0;
  if (const auto [stop, error] = std::from_chars(text.data(), end, number); error == std::errc() && stop == end) {
    return number;
  }
  return boost::json::string(text);
}

boost::json::value bool_of_field(const std::string& text) {
  if (text == "true" || text == "1") return true;
  if (text == "false" || text == "0") return false;
  return boost::json::string(text);
}

tl::expected<boost::json::value, Details> read_json_text(std::string_view text, std::string_view root) {
  auto json = parse_json(text);
  if (json) return std::move(*json);
  Detail detail{.loc = {boost::json::string(root)}, .message = std::move(json.error().message), .type = "json_invalid"};
  detail.loc.insert(detail.loc.end(), json.error().loc.begin(), json.error().loc.end());
  return tl::unexpected(Details{std::move(detail)});
}

bool ModelReader::wrong(std::string_view type, std::string message) {
  return note({.loc = place_, .message = std::move(message), .type = std::string(type)});
}

bool ModelReader::note(Detail detail) {
  if (details_.size() < kMaxModelDetails) details_.push_back(std::move(detail));
  return false;
}

std::string ModelReader::type_of_wrong(std::string_view wanted) const {
  return std::string(wanted) + (from_texts_ ? "_parsing" : "_type");
}

bool ModelReader::read_bool(const boost::json::value& json, bool& target) {
  if (!json.is_bool()) return wrong(type_of_wrong("bool"), "wanted true or false, got " + describe_json(json));
  target = json.get_bool();
  return true;
}

bool ModelReader::read_integer(const boost::json::value& json, const Rule& rule, std::int64_t& target) {
  const double number = json.is_number() ? json.to_number<double>() : std::nan("");
  if (json.is_int64()) {
    target = json.get_int64();
  } else if (json.is_uint64() && std::in_range<std::int64_t>(json.get_uint64())) {
    target = static_cast<std::int64_t>(json.get_uint64());
  } else if (json.is_double() && std::trunc(number) == number && std::abs(number) <= kGreatestExactInteger) {
    target = static_cast<std::int64_t>(number);
  } else if (json.is_number() && std::trunc(number) == number) {
    return wrong(number < 0 ? "greater_than_equal" : "less_than_equal",
                 "wanted a smaller whole number, got " + describe_json(json));
  } else {
    return wrong(type_of_wrong("int"), "wanted a whole number, got " + describe_json(json));
  }
  return check_range(number, rule);
}

bool ModelReader::read_number(const boost::json::value& json, const Rule& rule, double& target) {
  if (!json.is_number()) return wrong(type_of_wrong("float"), "wanted a number, got " + describe_json(json));
  target = json.to_number<double>();
  if (!std::isfinite(target)) return wrong("finite_number", "wanted a finite number");
  return check_range(target, rule);
}

bool ModelReader::check_range(double number, const Rule& rule) {
  if (number >= rule.least && number <= rule.most) return true;
  const auto finite = [](double bound) { return std::isfinite(bound) ? std::optional(bound) : std::nullopt; };
  return wrong(number < rule.least ? "greater_than_equal" : "less_than_equal",
               fmt::format("wanted a number {}, got {}", range_text(finite(rule.least), finite(rule.most)), number));
}

bool ModelReader::read_text(const boost::json::value& json, const Rule& rule, std::string& target) {
  if (!json.is_string()) return wrong("string_type", "wanted text, got " + describe(json, rule));
  const std::string_view text = json.get_string();
  if (text.find('\0') != std::string_view::npos) return wrong("value_error", "wanted text without NUL characters");
  if (valid_utf8_prefix(text) != text.size()) return wrong("string_unicode", "wanted UTF-8");
  const std::size_t most = rule.max_length.value_or(kMaxModelText);
  const std::size_t length = characters(text);
  if (length < rule.min_length || length > most) {
    return wrong(length < rule.min_length ? "string_too_short" : "string_too_long",
                 fmt::format("wanted {} to {} characters, got {}", rule.min_length, most, length));
  }
  if (rule.check != nullptr) {
    if (std::optional<std::string> problem = rule.check(text)) return wrong("value_error", std::move(*problem));
  }
  target = text;
  return true;
}

bool ModelReader::read_time(const boost::json::value& json, Timestamp& target) {
  const Result<Timestamp> time = [&]() -> Result<Timestamp> {
    if (json.is_int64()) return timestamp_from_epoch(json.get_int64());
    if (json.is_number()) return timestamp_from_epoch(json.to_number<double>());
    if (json.is_string()) {
      return parse_iso_timestamp(json.get_string()).map([](const IsoTimestamp& parsed) { return parsed.time; });
    }
    return fail(ErrorCode::invalid_data, "wanted ISO 8601 text or an epoch number, got " + describe_json(json));
  }();
  if (!time) return wrong("datetime_parsing", time.error().message);
  target = *time;
  return true;
}

bool ModelReader::wrong_choice(const boost::json::value& json, const std::vector<std::string_view>& choices) {
  return wrong("enum", fmt::format("wanted one of {}, got {}", fmt::join(choices, ", "), describe_json(json)));
}

bool ModelReader::check_size(std::size_t size, const Rule& rule, std::string_view of_what) {
  const std::size_t most = rule.max_length.value_or(kMaxModelItems);
  if (size >= rule.min_length && size <= most) return true;
  return wrong(size < rule.min_length ? "too_short" : "too_long",
               fmt::format("wanted {} to {} {}, got {}", rule.min_length, most, of_what, size));
}

}  // namespace topoforge
