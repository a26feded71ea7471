#include "topoforge/core/diagram/edge_order.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace topoforge {

EnclosingBall EdgeOrder::enclosing_ball(std::span<const double> lower, std::size_t n) {
  if (n == 0) return {};
  farthest_.assign(n, 0.0);
  const double* row = lower.data();
  for (std::size_t i = 1; i < n; row += i, ++i) {
    double most = 0.0;
    for (std::size_t j = 0; j < i; ++j) {
      most = std::max(most, row[j]);
      farthest_[j] = std::max(farthest_[j], row[j]);
    }
    farthest_[i] = most;
  }
  const auto hub = std::ranges::min_element(farthest_);
  return {static_cast<std::size_t>(hub - farthest_.begin()), *hub};
}

std::span<const EdgeEnds> EdgeOrder::sort(std::span<const double> lower, std::size_t n, double longest) {
  constexpr std::size_t kFew = 4096;
  const unsigned digit_bits = lower.size() < kFew ? 8 : 11;
  collect(lower, n, longest, 2 * digit_bits);
  sort_by_digit(0, digit_bits);
  sort_by_digit(digit_bits, digit_bits);
  settle_runs(lower);
  edges_.resize(keys_.size());
  std::ranges::transform(keys_, edges_.begin(), [](const Key& key) { return key.ends; });
  return edges_;
}

void EdgeOrder::collect(std::span<const double> lower, std::size_t n, double longest, unsigned bits) {
  keys_.resize(lower.size());
  const auto greatest = static_cast<double>((std::uint32_t{1} << bits) - 1);
  // Where the least lengths make the factor overflow all lengths share one run.
  const double factor = longest > 0.0 && std::isfinite(greatest / longest) ? greatest / longest : 0.0;
  Key* out = keys_.data();
  const double* row = lower.data();
  for (std::size_t head = 1; head < n; row += head, ++head) {
    for (std::size_t tail = 0; tail < head; ++tail) {
      const bool in = row[tail] <= longest;
      const double coarse = in ? row[tail] * factor : 0.0;
      *out = {static_cast<std::uint32_t>(static_cast<std::int32_t>(coarse)), EdgeEnds::of(head, tail)};
      out += in ? 1 : 0;
    }
  }
  keys_.resize(static_cast<std::size_t>(out - keys_.data()));
}

/// Stable.
void EdgeOrder::sort_by_digit(unsigned shift, unsigned bits) {
  const std::uint32_t mask = (std::uint32_t{1} << bits) - 1;
  positions_.assign(std::size_t{1} << bits, 0);
  for (const Key& key : keys_) ++positions_[key.coarse >> shift & mask];
  std::uint32_t total = 0;
  for (std::uint32_t& position : positions_) total += std::exchange(position, total);
  buffer_.resize(keys_.size());
  for (const Key& key : keys_) buffer_[positions_[key.coarse >> shift & mask]++] = key;
  std::swap(keys_, buffer_);
}

void EdgeOrder::settle_runs(std::span<const double> lower) {
  const auto length = [&](const Key& key) {
    return lower[key.ends.head() * (key.ends.head() - 1) / 2 + key.ends.tail()];
  };
  const auto before = [&](const Key& a, const Key& b) {
    const double la = length(a);
    const double lb = length(b);
    return la != lb ? la < lb : a.ends < b.ends;
  };
  for (std::size_t begin = 0; begin + 1 < keys_.size();) {
    std::size_t end = begin + 1;
    while (end < keys_.size() && keys_[end].coarse == keys_[begin].coarse) ++end;
    if (end - begin > 1) {
      const auto first = keys_.begin() + static_cast<std::ptrdiff_t>(begin);
      const auto last = keys_.begin() + static_cast<std::ptrdiff_t>(end);
      // Equal lengths come in order: the radix sort is stable.
      if (!std::is_sorted(first, last, before)) std::sort(first, last, before);
    }
    begin = end;
  }
}

}  // namespace topoforge
