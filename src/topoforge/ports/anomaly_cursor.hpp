#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "topoforge/ports/anomaly_store.hpp"

/// Purpose: the cursors of AnomalyStore::list, the same for every implementation: the id of the last anomaly of a page,
/// and a fingerprint of the filter, so that a cursor is not taken for the place in another list.
/// Thread safety: pure.
namespace topoforge {

/// FNV-1a (64 bits) of the filter's members in their order, absent ones told from empty ones.
class FilterFingerprint {
 public:
  static std::uint64_t of(const AnomalyFilter& filter) {
    FilterFingerprint print;
    print.time(filter.start);
    print.time(filter.end);
    print.text(filter.source);
    print.text(filter.entity);
    print.number(filter.is_anomaly ? 1 + static_cast<std::uint64_t>(*filter.is_anomaly) : 0);
    print.number(filter.min_score ? 1 : 0);
    print.number(std::bit_cast<std::uint64_t>(filter.min_score.value_or(0.0)));
    print.number(filter.risk_level ? 1 + static_cast<std::uint64_t>(*filter.risk_level) : 0);
    print.text(filter.technique);
    return print.hash_;
  }

 private:
  void byte(std::uint8_t value) { hash_ = (hash_ ^ value) * 0x100000001b3U; }
  void number(std::uint64_t value) {
    for (int shift = 0; shift < 64; shift += 8) byte(static_cast<std::uint8_t>(value >> shift));
  }
  void time(const std::optional<Timestamp>& value) {
    number(value ? 1 : 0);
    number(value ? static_cast<std::uint64_t>(value->time_since_epoch().count()) : 0);
  }
  void text(const std::optional<std::string>& value) {
    number(value ? 1 + value->size() : 0);
    if (!value) return;
    for (const char c : *value) byte(static_cast<std::uint8_t>(c));
  }

  std::uint64_t hash_ = 0xcbf29ce484222325U;
};

inline std::string fingerprint_text(const AnomalyFilter& filter) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const std::uint64_t hash = FilterFingerprint::of(filter);
  std::string text;
  for (int shift = 60; shift >= 0; shift -= 4) text += kDigits[(hash >> shift) & 0xfU];
  return text;
}

/// "ID-FINGERPRINT"
inline std::string make_cursor(const std::string& last_id, const AnomalyFilter& filter) {
  return last_id + '-' + fingerprint_text(filter);
}

/// The id in the cursor, which the store has yet to check. Errors: invalid_argument.
inline Result<std::string> read_cursor(std::string_view cursor, const AnomalyFilter& filter) {
  const std::size_t dash = cursor.rfind('-');
  const std::string print = fingerprint_text(filter);
  if (dash == std::string_view::npos || dash == 0 || cursor.size() - dash - 1 != print.size()) {
    return fail(ErrorCode::invalid_argument, "the cursor is not one that a list gave as next_cursor");
  }
  if (cursor.substr(dash + 1) != print) {
    return fail(ErrorCode::invalid_argument, "the cursor belongs to a list with other filters");
  }
  return std::string(cursor.substr(0, dash));
}

}  // namespace topoforge
