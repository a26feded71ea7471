#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

#include "topoforge/base/result.hpp"
#include "topoforge/core/event/event.hpp"

/// Purpose: at most so many calls in any period, for each key (an address, an account). Method: the moments of the
/// calls of the last period are kept, so that the bound is exact for every period, wherever it begins. Time is passed
/// in; a clock that jumps back counts as one that stands still. Thread safety: one owner at a time.
namespace topoforge::api {

inline constexpr std::size_t kMaxRateCalls = 100'000;

struct RateLimit {
  std::size_t calls = 100;          ///< 1 to kMaxRateCalls
  std::chrono::seconds period{60};  ///< up to a day

  bool operator==(const RateLimit&) const = default;
};

/// "100/minute", "5/15minutes": calls in so many seconds, minutes or hours, or in a day.
/// Errors: invalid_argument that quotes the text.
Result<RateLimit> parse_rate_limit(std::string_view text);

struct RateDecision {
  bool allowed = true;
  std::size_t limit = 0;
  std::size_t remaining = 0;            ///< calls that would pass now, after this one
  std::chrono::seconds retry_after{0};  ///< until a call passes, rounded up; 0 when it does now
  std::chrono::seconds reset_after{0};  ///< until all calls are there again, rounded up
};

/// Moments for limiters: no change of the clock moves them, so that none holds a caller up.
Timestamp steady_moment();

/// Memory: bounded by kMaxMoments over all keys; beyond it the key that called longest ago is forgotten. Whoever can
/// call from enough addresses to get there is not held by a limit for each of them anyway.
class RateLimiter {
 public:
  static constexpr std::size_t kMaxMoments = 1'000'000;

  explicit RateLimiter(RateLimit limit, std::size_t max_moments = kMaxMoments)
      : limit_(limit), max_moments_(max_moments) {}

  /// Counts a call if it is allowed. O(1), but for calls whose period is over.
  RateDecision count(const std::string& key, Timestamp now);
  /// A call that was counted and shall not count: of failures alone, a success is taken back.
  void take_back(const std::string& key);
  [[nodiscard]] std::size_t keys() const { return entries_.size(); }

 private:
  struct Entry {
    std::string key;
    std::deque<Timestamp> moments;  ///< of allowed calls, oldest first; never empty
  };
  using Entries = std::list<Entry>;

  Timestamp advance(Timestamp now);
  Entries::iterator find(const std::string& key, Timestamp now);
  [[nodiscard]] RateDecision decision(const std::deque<Timestamp>& moments, bool allowed, Timestamp now) const;
  void erase(Entries::iterator entry);

  RateLimit limit_;
  std::size_t max_moments_;
  std::size_t moments_ = 0;
  Timestamp latest_ = Timestamp::min();
  Entries entries_;  ///< called last first
  std::unordered_map<std::string, Entries::iterator> index_;
};

}  // namespace topoforge::api
