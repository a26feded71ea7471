#include "topoforge/api/rate_limiter.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "topoforge/codec/text/quote.hpp"

namespace topoforge::api {
namespace {

constexpr std::chrono::seconds kLongestPeriod = std::chrono::hours(24);

/// A whole number at the beginning, which is taken off.
std::optional<std::size_t> take_number(std::string_view& text) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

std::chrono::seconds unit_of(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, int>, 4> kUnits{
      {{"second", 1}, {"minute", 60}, {"hour", 3600}, {"day", 86'400}}};
  if (name.ends_with('s')) name.remove_suffix(1);
  const auto* const found = std::ranges::find(kUnits, name, &std::pair<std::string_view, int>::first);
  return std::chrono::seconds(found == kUnits.end() ? 0 : found->second);
}

std::chrono::seconds rounded_up(Timestamp::duration duration) {
  return std::max(std::chrono::ceil<std::chrono::seconds>(duration), std::chrono::seconds(0));
}

}  // namespace

Result<RateLimit> parse_rate_limit(std::string_view text) {
  std::string_view rest = text;
  const auto calls = take_number(rest);
  const bool slash = rest.starts_with('/');
  if (slash) rest.remove_prefix(1);
  const auto units =
      !rest.empty() && rest.front() >= '0' && rest.front() <= '9' ? take_number(rest) : std::optional<std::size_t>(1);
  const std::chrono::seconds unit = unit_of(rest);
  const bool good = calls && slash && units && unit.count() > 0 && *calls >= 1 && *calls <= kMaxRateCalls &&
                    *units >= 1 && *units <= static_cast<std::size_t>(kLongestPeriod / unit);
  if (good) return RateLimit{.calls = *calls, .period = unit * static_cast<int>(*units)};
  return fail(
      ErrorCode::invalid_argument,
      fmt::format("the limit {} is none; wanted 1 to {} calls in a period of up to a day, such as 100/minute or "
                  "5/15minutes",
                  quote_text(text), kMaxRateCalls));
}

Timestamp steady_moment() {
  return Timestamp(
      std::chrono::duration_cast<Timestamp::duration>(std::chrono::steady_clock::now().time_since_epoch()));
}

Timestamp RateLimiter::advance(Timestamp now) { return latest_ = std::max(latest_, now); }

void RateLimiter::erase(Entries::iterator entry) {
  moments_ -= entry->moments.size();
  index_.erase(entry->key);
  entries_.erase(entry);
}

/// The entry with the calls of the last period; end() when there are none.
RateLimiter::Entries::iterator RateLimiter::find(const std::string& key, Timestamp now) {
  const auto found = index_.find(key);
  if (found == index_.end()) return entries_.end();
  const auto entry = found->second;
  while (!entry->moments.empty() && entry->moments.front() + limit_.period <= now) {
    entry->moments.pop_front();
    --moments_;
  }
  if (!entry->moments.empty()) return entry;
  erase(entry);
  return entries_.end();
}

RateDecision RateLimiter::decision(const std::deque<Timestamp>& moments, bool allowed, Timestamp now) const {
  RateDecision decision{.allowed = allowed, .limit = limit_.calls, .remaining = limit_.calls - moments.size()};
  if (moments.empty()) return decision;
  if (decision.remaining == 0) decision.retry_after = rounded_up(moments.front() + limit_.period - now);
  decision.reset_after = rounded_up(moments.back() + limit_.period - now);
  return decision;
}

void RateLimiter::take_back(const std::string& key) {
  const auto found = index_.find(key);
  if (found == index_.end()) return;
  found->second->moments.pop_back();
  --moments_;
  if (found->second->moments.empty()) erase(found->second);
}

RateDecision RateLimiter::count(const std::string& key, Timestamp now) {
  now = advance(now);
  auto entry = find(key, now);
  if (entry != entries_.end() && entry->moments.size() >= limit_.calls) return decision(entry->moments, false, now);
  while (moments_ >= max_moments_ && !entries_.empty()) {
    const auto oldest = std::prev(entries_.end());
    if (oldest == entry) entry = entries_.end();
    erase(oldest);
  }
  if (entry == entries_.end()) {
    entries_.push_front({.key = key, .moments = {}});
    entry = entries_.begin();
    index_[key] = entry;
  } else {
    entries_.splice(entries_.begin(), entries_, entry);
  }
  entry->moments.push_back(now);
  ++moments_;
  return decision(entry->moments, true, now);
}

}  // namespace topoforge::api
